/// Prometheus' text format, version 0.0.4:
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
public enum PrometheusText {
    /// The families in their order; those without a sample are left out.
    public static func text(of families: [MetricFamily]) -> String {
        families.filter { !$0.samples.isEmpty }.map(text).joined()
    }

    /// The value of the sample with exactly these labels, in a text that `text(of:)` has made; nil when it is not there.
    public static func value(of name: String, _ labels: [MetricFamily.Label], in text: String) -> Double? {
        let series = series(name, labels) + " "
        let line = text.split(separator: "\n").first { $0.hasPrefix(series) }
        return line.flatMap { Double($0.dropFirst(series.count)) }
    }

    /// On one line, with nothing that ends a label's value.
    static func escaped(_ text: String) -> String {
        escapedLine(text).replacing("\"", with: "\\\"")
    }

    private static func text(of family: MetricFamily) -> String {
        let head = [
            "# HELP \(family.name) \(escapedLine(family.help))",
            "# TYPE \(family.name) \(family.kind.rawValue)",
        ]
        let samples = family.samples.map { "\(series(family.name, $0.labels)) \(number($0.value))" }
        return (head + samples).map { $0 + "\n" }.joined()
    }

    private static func series(_ name: String, _ labels: [MetricFamily.Label]) -> String {
        guard !labels.isEmpty else { return name }
        return "\(name){\(labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ","))}"
    }

    private static func escapedLine(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a fraction, as people write them.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
