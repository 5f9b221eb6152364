/// The built-in themes as text, so that the program needs no files. Generated from the folder Themes by the test that
/// compares them; change a theme there.
enum BuiltInThemes {
    static let texts: [(name: String, text: String)] = [
        (
            "dark",
            """
            # Normscope's own theme for dark rooms, used where no other is chosen.
            # The eight series differ in lightness as well as in hue, so that they stay apart for readers who do not see red and
            # green, and in a screenshot printed in grey.
            name: dark
            colours:
              # Words and lines.
              text: '#d7dde8'
              dim: '#7f8a9c'
              title: '#f4f7fb'
              border: '#364052'
              accent: '#5ab8f0'
              key: '#ffd166'
              # How things stand: never by colour alone, a word or a sign says it too.
              good: '#2cc295'
              warning: '#f5a524'
              error: '#ff6f61'
              # The row that is chosen, and the two grounds that everything stands on.
              selection: '#27486b'
              selection_text: '#ffffff'
              background: '#0f131a'
              panel: '#1b222e'
              # Curves, in the order in which they are given out.
              series1: '#5ab8f0'
              series2: '#f5a524'
              series3: '#2cc295'
              series4: '#e08fc0'
              series5: '#f2e36b'
              series6: '#7d8ff5'
              series7: '#ff7f50'
              series8: '#b3bccb'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#f5a524'
              beta: '#5ab8f0'
              mean: '#2cc295'
              variance: '#e08fc0'
            # Quantities, the least first: lightness grows all the way, from night blue to yellow.
            ramp: ['#131c3a', '#1f3a68', '#22617f', '#2b8a85', '#5db277', '#b0cf5f', '#fbe45c']

            """
        ),
        (
            "light",
            """
            # Normscope's own theme for daylight and paper.
            # The same hues as in the dark theme, deep enough to be read on a near-white ground (4.5 to 1 or better for words).
            name: light
            colours:
              # Words and lines.
              text: '#23272f'
              dim: '#667080'
              title: '#0a0c10'
              border: '#c4cad4'
              accent: '#0068a8'
              key: '#8a4b00'
              # How things stand: never by colour alone, a word or a sign says it too.
              good: '#00745a'
              warning: '#a85a00'
              error: '#c0261a'
              # The row that is chosen, and the two grounds that everything stands on.
              selection: '#cde2f6'
              selection_text: '#0a0c10'
              background: '#fbfbf9'
              panel: '#eceff2'
              # Curves, in the order in which they are given out.
              series1: '#0068a8'
              series2: '#c65a00'
              series3: '#00805f'
              series4: '#a1478a'
              series5: '#857000'
              series6: '#4450c8'
              series7: '#b8321e'
              series8: '#5b6472'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#c65a00'
              beta: '#0068a8'
              mean: '#00805f'
              variance: '#a1478a'
            # Quantities, the least first: from near-white to night blue, so that more is darker, as in print.
            ramp: ['#f1f1df', '#d3e0a8', '#98c795', '#57a597', '#2d7d93', '#265383', '#1d2a60']

            """
        ),
        (
            "catppuccin",
            """
            # Catppuccin, its flavour Mocha: pastel colours on a warm dark ground (catppuccin.com).
            # Overlay and surface tones make lines and quiet words; the pastels are given out to curves by how well they stay apart.
            name: catppuccin
            colours:
              # Words and lines.
              text: '#cdd6f4'
              dim: '#8589a3'
              title: '#f2f4fd'
              border: '#45475a'
              accent: '#89b4fa'
              key: '#f9e2af'
              # How things stand.
              good: '#a6e3a1'
              warning: '#fab387'
              error: '#f38ba8'
              # The chosen row, and the two grounds.
              selection: '#45538a'
              selection_text: '#ffffff'
              background: '#1e1e2e'
              panel: '#313244'
              # Curves, in the order in which they are given out.
              series1: '#89b4fa'
              series2: '#fab387'
              series3: '#a6e3a1'
              series4: '#f5c2e7'
              series5: '#f9e2af'
              series6: '#cba6f7'
              series7: '#f38ba8'
              series8: '#94e2d5'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#fab387'
              beta: '#89b4fa'
              mean: '#a6e3a1'
              variance: '#f5c2e7'
            # Quantities, the least first. From the ground through sapphire and teal to yellow.
            ramp: ['#1e1e2e', '#3b3f66', '#5c73b8', '#74c7ec', '#94e2d5', '#a6e3a1', '#f9e2af']

            """
        ),
        (
            "colourblind",
            """
            # The colours that Masataka Okabe and Kei Ito proposed in 2002 as distinct for every kind of colour vision, with the
            # blue and the vermillion made lighter for a dark ground and black turned into grey.
            # The ramp goes from blue to yellow in even steps of lightness, alike with and without red-green vision.
            name: colourblind
            colours:
              # Words and lines.
              text: '#dcdcdc'
              dim: '#8c8f96'
              title: '#ffffff'
              border: '#3c4048'
              accent: '#56b4e9'
              key: '#f0e442'
              # How things stand.
              good: '#00b488'
              warning: '#e69f00'
              error: '#ff8552'
              # The chosen row, and the two grounds.
              selection: '#1d4f76'
              selection_text: '#ffffff'
              background: '#121316'
              panel: '#202228'
              # Curves, in the order in which they are given out.
              series1: '#56b4e9'
              series2: '#e69f00'
              series3: '#00b488'
              series4: '#cc79a7'
              series5: '#f0e442'
              series6: '#5a9bff'
              series7: '#ff8552'
              series8: '#a8a8a8'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#e69f00'
              beta: '#56b4e9'
              mean: '#00b488'
              variance: '#cc79a7'
            # Quantities, the least first. Dark blue to yellow.
            ramp: ['#00224e', '#2a3f6d', '#575d6d', '#7d7c78', '#a59c74', '#d2c060', '#fee838']

            """
        ),
        (
            "dracula",
            """
            # Dracula: Zeno Rocha's palette (draculatheme.com), vivid colours on a violet-grey night.
            # The comment colour is lightened for words, which must be read here and not passed over.
            name: dracula
            colours:
              # Words and lines.
              text: '#f8f8f2'
              dim: '#8b96c0'
              title: '#ffffff'
              border: '#565a78'
              accent: '#8be9fd'
              key: '#f1fa8c'
              # How things stand.
              good: '#50fa7b'
              warning: '#ffb86c'
              error: '#ff6e6e'
              # The chosen row, and the two grounds.
              selection: '#44475a'
              selection_text: '#ffffff'
              background: '#282a36'
              panel: '#343746'
              # Curves, in the order in which they are given out.
              series1: '#8be9fd'
              series2: '#ffb86c'
              series3: '#50fa7b'
              series4: '#ff79c6'
              series5: '#f1fa8c'
              series6: '#bd93f9'
              series7: '#ff6e6e'
              series8: '#c9cbd6'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#ffb86c'
              beta: '#8be9fd'
              mean: '#50fa7b'
              variance: '#ff79c6'
            # Quantities, the least first. From the night through purple and pink to yellow.
            ramp: ['#282a36', '#44407a', '#6f5fb0', '#bd93f9', '#ff79c6', '#ffb86c', '#f1fa8c']

            """
        ),
        (
            "gruvbox",
            """
            # Gruvbox, dark: Pavel Pertsev's retro palette of warm earth colours on a brown-grey ground.
            # The bright variants carry curves and words, since the neutral ones are meant for light grounds as well.
            name: gruvbox
            colours:
              # Words and lines.
              text: '#ebdbb2'
              dim: '#928374'
              title: '#fbf1c7'
              border: '#504945'
              accent: '#83a598'
              key: '#fabd2f'
              # How things stand.
              good: '#b8bb26'
              warning: '#fe8019'
              error: '#fb4934'
              # The chosen row, and the two grounds.
              selection: '#45707a'
              selection_text: '#fbf1c7'
              background: '#282828'
              panel: '#3c3836'
              # Curves, in the order in which they are given out.
              series1: '#83a598'
              series2: '#fe8019'
              series3: '#b8bb26'
              series4: '#d3869b'
              series5: '#fabd2f'
              series6: '#8ec07c'
              series7: '#fb4934'
              series8: '#bdae93'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#fe8019'
              beta: '#83a598'
              mean: '#b8bb26'
              variance: '#d3869b'
            # Quantities, the least first. From the ground through blue, aqua and green to yellow.
            ramp: ['#282828', '#3c4a50', '#458588', '#689d6a', '#98971a', '#d79921', '#fabd2f']

            """
        ),
        (
            "high-contrast",
            """
            # For glare, projectors and tired eyes: black ground, saturated inks, no greys darker than needed.
            # Every word has a contrast of 7 to 1 or better.
            name: high-contrast
            colours:
              # Words and lines.
              text: '#ffffff'
              dim: '#c8c8c8'
              title: '#ffffff'
              border: '#9a9a9a'
              accent: '#4fd6ff'
              key: '#ffe600'
              # How things stand.
              good: '#3dff9e'
              warning: '#ffb000'
              error: '#ff7a70'
              # The chosen row, and the two grounds.
              selection: '#ffe600'
              selection_text: '#000000'
              background: '#000000'
              panel: '#202020'
              # Curves, in the order in which they are given out.
              series1: '#4fd6ff'
              series2: '#ffb000'
              series3: '#3dff9e'
              series4: '#ff9de2'
              series5: '#fff36b'
              series6: '#a5a8ff'
              series7: '#ff8a5c'
              series8: '#ffffff'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#ffb000'
              beta: '#4fd6ff'
              mean: '#3dff9e'
              variance: '#ff9de2'
            # Quantities, the least first. Black through blue, green and yellow to white.
            ramp: ['#000000', '#1b2a8f', '#0078c8', '#00b7a8', '#6fe04a', '#ffe600', '#ffffff']

            """
        ),
        (
            "monochrome",
            """
            # One hue, grey: for screens without colour, for print, and for those who like it quiet.
            # Curves differ in lightness alone, so no more than three or four should share a chart.
            name: monochrome
            colours:
              # Words and lines.
              text: '#d0d0d0'
              dim: '#8a8a8a'
              title: '#f5f5f5'
              border: '#444444'
              accent: '#f0f0f0'
              key: '#ffffff'
              # How things stand.
              good: '#c8c8c8'
              warning: '#e4e4e4'
              error: '#ffffff'
              # The chosen row, and the two grounds.
              selection: '#d0d0d0'
              selection_text: '#101010'
              background: '#101010'
              panel: '#202020'
              # Curves, in the order in which they are given out.
              series1: '#f5f5f5'
              series2: '#9a9a9a'
              series3: '#c8c8c8'
              series4: '#707070'
              series5: '#e0e0e0'
              series6: '#858585'
              series7: '#b4b4b4'
              series8: '#5f5f5f'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#d8d8d8'
              beta: '#9a9a9a'
              mean: '#c0c0c0'
              variance: '#808080'
            # Quantities, the least first. Dark to light.
            ramp: ['#181818', '#3a3a3a', '#5c5c5c', '#808080', '#a4a4a4', '#cacaca', '#f4f4f4']

            """
        ),
        (
            "nord",
            """
            # Nord: the arctic palette of Sven Greb and Arctic Ice Studio (nordtheme.com), four groups of cool, soft colours.
            # Polar Night for the grounds, Snow Storm for words, Frost and Aurora for curves; the dim grey is lightened to be read.
            name: nord
            colours:
              # Words and lines.
              text: '#d8dee9'
              dim: '#7b88a1'
              title: '#eceff4'
              border: '#4c566a'
              accent: '#88c0d0'
              key: '#ebcb8b'
              # How things stand.
              good: '#a3be8c'
              warning: '#ebcb8b'
              error: '#d98088'
              # The chosen row, and the two grounds.
              selection: '#4c6a92'
              selection_text: '#eceff4'
              background: '#2e3440'
              panel: '#3b4252'
              # Curves, in the order in which they are given out.
              series1: '#88c0d0'
              series2: '#d08770'
              series3: '#a3be8c'
              series4: '#b48ead'
              series5: '#ebcb8b'
              series6: '#81a1c1'
              series7: '#d98088'
              series8: '#e5e9f0'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#d08770'
              beta: '#88c0d0'
              mean: '#a3be8c'
              variance: '#b48ead'
            # Quantities, the least first. From Polar Night through Frost to Aurora's yellow.
            ramp: ['#2e3440', '#3f5675', '#5e81ac', '#81a1c1', '#8fbcbb', '#a3be8c', '#ebcb8b']

            """
        ),
        (
            "solarized-dark",
            """
            # Solarized, dark: Ethan Schoonover's palette, sixteen colours placed by lightness in CIELAB.
            # The base tones are lifted by one step for words, because charts need more contrast than source code.
            name: solarized-dark
            colours:
              # Words and lines.
              text: '#93a1a1'
              dim: '#657b83'
              title: '#eee8d5'
              border: '#2f5560'
              accent: '#2aa198'
              key: '#c9a227'
              # How things stand.
              good: '#859900'
              warning: '#d9822b'
              error: '#f0605d'
              # The chosen row, and the two grounds.
              selection: '#1f5a75'
              selection_text: '#fdf6e3'
              background: '#002b36'
              panel: '#073642'
              # Curves, in the order in which they are given out.
              series1: '#268bd2'
              series2: '#d9822b'
              series3: '#859900'
              series4: '#d8649c'
              series5: '#b58900'
              series6: '#2aa198'
              series7: '#e0604c'
              series8: '#93a1a1'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#d9822b'
              beta: '#268bd2'
              mean: '#859900'
              variance: '#d8649c'
            # Quantities, the least first. From the ground through blue and cyan to yellow.
            ramp: ['#073642', '#0f4f66', '#1f6f96', '#268bd2', '#2aa198', '#96a51a', '#d3b53a']

            """
        ),
        (
            "solarized-light",
            """
            # Solarized, light: the same sixteen colours of Ethan Schoonover's on their light ground.
            # The accents are darkened a little where they carry words: on this ground the originals stay under 3 to 1.
            name: solarized-light
            colours:
              # Words and lines.
              text: '#4f646c'
              dim: '#839096'
              title: '#073642'
              border: '#d3cbb7'
              accent: '#1f6fa8'
              key: '#8a6800'
              # How things stand.
              good: '#5f7000'
              warning: '#a84a14'
              error: '#c42b28'
              # The chosen row, and the two grounds.
              selection: '#c5dcdf'
              selection_text: '#073642'
              background: '#fdf6e3'
              panel: '#eee8d5'
              # Curves, in the order in which they are given out.
              series1: '#268bd2'
              series2: '#cb4b16'
              series3: '#6f8200'
              series4: '#d33682'
              series5: '#9a7400'
              series6: '#1f8f86'
              series7: '#b92b28'
              series8: '#657b83'
              # Scale, shift and the two statistics, the same in every view.
              gamma: '#cb4b16'
              beta: '#268bd2'
              mean: '#6f8200'
              variance: '#d33682'
            # Quantities, the least first. From the light ground down to the dark one.
            ramp: ['#fdf6e3', '#e3deb4', '#b6c585', '#6fa88a', '#2f8796', '#20608f', '#073642']

            """
        ),
    ]
}
