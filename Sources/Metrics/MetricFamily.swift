/// One metric and its samples, as Prometheus' text format groups them.
public struct MetricFamily: Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// Only ever grows during a run; a new run begins at zero, which Prometheus knows as a reset.
        case counter
        case gauge
    }

    public struct Label: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public struct Sample: Sendable, Equatable {
        public var labels: [Label]
        public var value: Double

        public init(_ labels: [Label], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// By Prometheus' conventions: the base unit at its end, and `_total` for a counter.
    public var name: String
    public var kind: Kind
    public var help: String
    public var samples: [Sample]

    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }
}
