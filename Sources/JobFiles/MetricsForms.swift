import BackfillCore
import Foundation

extension Form<MetricsOptions> {
    /// `run.metrics`
    static var metrics: Self {
        .section { (metrics: Section<JobFileKeys.Metrics>, _) in
            MetricsOptions(
                file: metrics.value(.file, .metricsFile), pushgateway: metrics.value(.pushgateway, .pushgateway))
        }
    }
}

extension Form<String> {
    /// `run.metrics.file`
    fileprivate static var metricsFile: Self {
        .scalar { scalar, reader throws(Misfit) in
            guard scalar.text.hasSuffix(".prom") else {
                throw Misfit("must be a path that ends in `.prom`; the node exporter reads no other files")
            }
            return reader.location.absolute(scalar.text)
        }
    }
}

extension Form<Secret> {
    /// `run.metrics.pushgateway`. Its sentences do not repeat the text: a password may stand in it.
    fileprivate static var pushgateway: Self {
        .scalar { scalar, _ throws(Misfit) in
            guard let parts = URLComponents(string: scalar.text), let host = parts.host, !host.isEmpty,
                let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), parts.query == nil,
                parts.fragment == nil
            else { throw Misfit("must be the URL of a Pushgateway, such as `http://pushgateway:9091`") }
            guard !parts.path.split(separator: "/").contains("metrics") else {
                throw Misfit("must end before `/metrics`; the rest of the path names the job and is added")
            }
            return Secret(scalar.text)
        }
    }
}
