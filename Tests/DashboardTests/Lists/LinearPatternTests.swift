import Testing

@testable import Dashboard

@Suite struct LinearPatternTests {
    @Test(arguments: [
        ("loss", "train/loss", true), ("^loss", "train/loss", false), ("^train", "train/loss", true),
        ("loss$", "train/loss", true), ("l.ss", "LOSS", true), ("LOSS", "loss", true), ("a|b|cd", "xcdx", true),
        ("a|b|cd", "xdcx", false), ("(ab)+c", "ababc", true), ("(ab)+c", "abac", false), ("^(ab)*$", "", true),
        ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false), ("^a{2}$", "aa", true), ("^a{2,}$", "aaaaa", true),
        ("^a?b$", "b", true), ("^a?b$", "aab", false), ("[0-9]+", "step 12", true), ("^[^0-9]+$", "step 12", false),
        ("[a-]x", "-x", true), ("[]x]", "]", true), (#"\d\d"#, "a12", true), (#"^\w+$"#, "a_1é", true),
        (#"\s"#, "ab", false), (#"\bloss\b"#, "a loss b", true), (#"\bloss\b"#, "glossy", false),
        (#"a\.b"#, "axb", false),
        (#"a\.b"#, "a.b", true), (#"\D"#, "12", false), (#"[\d.]+$"#, "v1.2", true), ("(?:a|b)c", "bc", true),
        ("lr-0\\.[13]$", "run/lr-0.3", true), ("日本", "x日本語", true), ("", "anything", true), ("a**", "b", true),
        ("(a|)(b|)c", "c", true), ("()*x", "x", true), ("Ä", "ä", true),
    ])
    func itFindsWhatARegularExpressionFinds(pattern: String, text: String, isFound: Bool) throws {
        #expect(try #require(LinearPattern(pattern)).isFound(in: text) == isFound)
    }

    @Test(arguments: [
        "(", ")", "a)", "[a", "*a", "a{2", "a{3,2}", "a{1000}", "(?=a)", "(?<n>a)", #"\1"#, #"\"#, "[z-a]", #"[\q]"#,
        "((((((((((((((((((((((a))))))))))))))))))))))", "(a{100}){100}", "((){100}){100}{100}",
    ])
    func whatItDoesNotKnowIsNoPattern(pattern: String) {
        #expect(LinearPattern(pattern) == nil)
    }

    /// Patterns that would take a backtracking matcher longer than the age of the universe.
    @Test(arguments: [
        "(a+)+$", "^(a|a)*$", "(a*)*b", "(a|aa)+$", "a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaab",
        "(.*)(.*)(.*)(.*)x$",
    ])
    func catastrophicPatternsTakeTimeInProportionToTheText(pattern: String) throws {
        let filter = ListFilter("/\(pattern)/")
        #expect(filter.problem == nil)
        let names = (0..<100).map { String(repeating: "a", count: 900) + "!\($0)" }
        #expect(names.filter { filter.matches(.init(name: $0)) }.isEmpty)
    }

    @Test func aPatternThatIsNoneIsTakenAsTextAndSaidToBe() {
        let filter = ListFilter("/(a/")
        #expect(filter.problem?.contains("/(a/ is no regular expression here") == true)
        #expect(filter.matches(.init(name: "x/(a/y")) && !filter.matches(.init(name: "a")))
        #expect(ListFilter("/(a").problem == nil)
    }
}
