/// The themes as text, so that the program needs no file to have colours. Made from the folder Themes by the test that
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
    ]
}
