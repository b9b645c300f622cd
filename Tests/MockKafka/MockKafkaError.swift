/// The mock cluster, or the producer that fills it, did not do what a test asked for.
package struct MockKafkaError: Error, CustomStringConvertible {
    package let description: String

    init(_ action: String, _ words: String) {
        description = "\(action): \(words)"
    }
}
