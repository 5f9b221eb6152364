import Testing

@testable import Dashboard

@Suite struct StepWindowTests {
    @Test func itStartsWithTheWholeRunAndGrowsWithIt() {
        let window = StepWindow()
        #expect(window.range(last: 100) == 0...100)
        #expect(window.range(last: 250) == 0...250)
    }

    @Test func followingKeepsItsWidthAtTheNewestPoint() {
        var window = StepWindow()
        window.toggleFollow(last: 1000)
        #expect(window.range(last: 1000) == 800...1000)
        #expect(window.range(last: 1500) == 1300...1500)
        window.toggleFollow(last: 1500)
        #expect(window.isWhole)
    }

    @Test func panningBackStandsStillWhileTheRunGoesOn() {
        var window = StepWindow()
        window.toggleFollow(last: 1000)
        window.pan(forward: false, last: 1000)
        #expect(window.range(last: 1000) == 750...950)
        #expect(window.range(last: 2000) == 750...950)
        window.pan(forward: true, last: 1000)
        #expect(window.isFollowing)
    }

    @Test func zoomingOutFarEnoughShowsEverything() {
        var window = StepWindow()
        window.zoom(by: 0.5, last: 1000)
        #expect(window.range(last: 1000) == 500...1000)
        window.zoom(by: 2, last: 1000)
        #expect(window.isWhole)
    }

    @Test func theRangeIsNeverEmptyHoweverShortTheRun() {
        for last in 0...40 {
            var window = StepWindow()
            for action in 0..<24 {
                switch action % 5 {
                case 0: window.zoom(by: 0.5, last: Double(last))
                case 1: window.pan(forward: false, last: Double(last))
                case 2: window.toggleFollow(last: Double(last))
                case 3: window.moveToStart(last: Double(last))
                default: window.pan(forward: true, last: Double(last))
                }
                let range = window.range(last: Double(last))
                #expect(range.lowerBound >= 0 && range.upperBound > range.lowerBound)
            }
        }
    }

    @Test(arguments: [250.0, 900, 0, 600])
    func zoomingAroundAPlaceKeepsItWhereItIs(anchor: Double) {
        var window = StepWindow()
        window.zoom(by: 0.25, around: anchor, last: 1000)
        let range = window.range(last: 1000)
        #expect(range.upperBound - range.lowerBound == 250 && range.contains(anchor))
        #expect(abs((anchor - range.lowerBound) / 250 - anchor / 1000) < 1e-9 || window.isFollowing)
    }

    @Test func allOfARunThatBeginsLateBeginsThere() {
        #expect(StepWindow().range(first: 900, last: 1000) == 900...1000)
        #expect(StepWindow().range(first: 900, last: 900) == 900...901)
    }
}
