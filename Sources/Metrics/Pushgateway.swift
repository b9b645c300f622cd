public import BackfillCore
import Foundation
import HTTPTransport

/// Prometheus' Pushgateway, which keeps the metrics of jobs that end before they could be scraped.
public struct Pushgateway: Sendable {
    /// For one push as a whole: the job's data does not wait for it longer.
    private static let timeout = Duration.seconds(5)
    private static let longestAnswer = 1 << 16
    private static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let address: Secret
    private let job: String

    /// - Parameters:
    ///   - address: Its URL without `/metrics`; a user and a password may stand in it.
    ///   - job: Names the group of metrics, as its label `job`.
    public init(address: Secret, job: String) {
        self.address = address
        self.job = job
    }

    /// Replaces those metrics of the job's group that have a sample now. The others stay, so the time of the last
    /// success outlives runs that do not know it.
    ///
    /// - Throws: `MetricsError.push`.
    public func push(_ metrics: RunMetrics) async throws(MetricsError) {
        let base = address.reveal()
        let group = Self.group(job)
        let request = HTTPRequest(
            url: "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/metrics/\(group)",
            method: .post(body: Array(PrometheusText.text(of: metrics.families).utf8)),
            headers: [("Content-Type", Self.contentType)], timeout: Self.timeout)
        let response: HTTPResponse
        do {
            response = try await HTTPClient.withClient(
                security: nil, maximumResponseBytes: Self.longestAnswer
            ) { try await $0.send(request) }
        } catch let error as HTTPError {
            throw .push(reason: error.description)
        } catch {
            throw .push(reason: "\(error)")
        }
        guard (200..<300).contains(response.status) else { throw .push(reason: "it answers \(response.status)") }
    }

    /// A name that is no part of a URL travels in base64:
    /// https://github.com/prometheus/pushgateway#url
    static func group(_ job: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
        guard !job.allSatisfy(plain.contains) else { return "job/\(job)" }
        let base64 = Data(job.utf8).base64EncodedString()
        return "job@base64/\(base64.replacing("+", with: "-").replacing("/", with: "_"))"
    }
}
