import Metrics
import Testing

/// The text format, as Prometheus' documentation describes it.
@Suite struct PrometheusTextTests {
    @Test func aFamilyHasItsHelpAndTypeOnceBeforeItsSamples() {
        let family = MetricFamily(
            "rows_total", .counter, "Rows.", [.init([.init("kind", "a")], 1), .init([.init("kind", "b")], 2.5)])
        #expect(
            PrometheusText.text(of: [family, MetricFamily("empty", .gauge, "None.", [])]) == """
                # HELP rows_total Rows.
                # TYPE rows_total counter
                rows_total{kind="a"} 1
                rows_total{kind="b"} 2.5

                """)
    }

    @Test func whatWouldEndALineOrALabelIsEscaped() {
        let text = PrometheusText.text(of: [
            MetricFamily("m", .gauge, "One\\two\n\"three\"", [.init([.init("l", "a\"b\\c\nd")], 0)])
        ])
        #expect(
            text == """
                # HELP m One\\\\two\\n"three"
                # TYPE m gauge
                m{l="a\\"b\\\\c\\nd"} 0

                """)
    }

    @Test(arguments: [
        (1_764_093_600.123, "1764093600.123"), (-3, "-3"), (9_007_199_254_740_991, "9007199254740991"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func numbersAreWrittenInFull(value: Double, text: String) {
        #expect(
            PrometheusText.text(of: [MetricFamily("m", .gauge, "M.", [.init([], value)])]).hasSuffix("\nm \(text)\n"))
    }

    @Test func aValueIsFoundByItsNameAndLabelsAlone() {
        let text = PrometheusText.text(of: [
            MetricFamily("m", .gauge, "M.", [.init([.init("l", "a")], 1), .init([.init("l", "ab")], 2.25)]),
            MetricFamily("m2", .gauge, "M.", [.init([.init("l", "a")], 3)]),
        ])
        #expect(PrometheusText.value(of: "m", [.init("l", "ab")], in: text) == 2.25)
        #expect(PrometheusText.value(of: "m", [], in: text) == nil)
        #expect(PrometheusText.value(of: "m", [.init("l", "b")], in: text) == nil)
    }
}
