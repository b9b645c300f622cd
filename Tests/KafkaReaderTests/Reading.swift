import BackfillCore
import KafkaReader
import MockKafka

/// What a reader has delivered.
struct Reading {
    struct Record: Equatable {
        var offset: Int64
        var message: MockMessage
    }

    var records: [Record] = []
    var absent = 0
    var gaps: [OffsetRange] = []
    /// The ends of the chunks.
    var ends: [Int64] = []
    /// How often the reader had nothing.
    var idleSteps = 0
    var isAtEnd = false
    var error: KafkaError?

    var offsets: [Int64] { records.map(\.offset) }

    /// Reads until the end, an error, until `isEnough`, or until the time of the test is up.
    mutating func read(_ reader: inout PartitionReader, until isEnough: (Reading) -> Bool = { _ in false }) async {
        while !isEnough(self), !Task.isCancelled {
            do throws(KafkaError) {
                switch try await reader.next() {
                case .chunk(.messages(let chunk)): take(chunk)
                case .chunk(.lines): preconditionFailure("A partition holds no lines.")
                case .idle: idleSteps += 1
                case .end:
                    isAtEnd = true
                    return
                }
            } catch {
                self.error = error
                return
            }
        }
    }

    /// Reads ranges of a partition with a reader of their own.
    static func all(
        of topic: String, partition: Int32 = 0, ranges: [OffsetRange], from position: Int64? = nil,
        with consumer: KafkaConsumer
    ) async -> Reading {
        var reader = consumer.reader(
            topic: topic, partition: partition, ranges: ranges, from: position ?? ranges.first?.start ?? 0)
        var reading = Reading()
        await reading.read(&reader)
        return reading
    }

    private mutating func take(_ chunk: MessageChunk) {
        for message in chunk.messages {
            let headers = chunk.headers[message.headers].map { header in
                MockMessage.Header(
                    String(decoding: chunk.bytes[header.name], as: UTF8.self),
                    header.value.map { Array(chunk.bytes[$0]) })
            }
            records.append(
                Record(
                    offset: message.offset,
                    message: MockMessage(
                        key: message.key.map { Array(chunk.bytes[$0]) },
                        value: message.value.map { Array(chunk.bytes[$0]) }, headers: headers,
                        timestamp: message.timestamp ?? -1)))
        }
        absent += chunk.absent
        gaps += chunk.gaps
        ends.append(chunk.end)
    }
}

extension OffsetRange {
    init(_ range: Range<Int>) {
        self.init(start: Int64(range.lowerBound), end: Int64(range.upperBound))
    }
}
