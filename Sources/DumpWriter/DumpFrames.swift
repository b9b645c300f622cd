package import Zstd

/// The frames of an unfinished file.
///
/// In the manifest they are one string, for each frame its bytes on disk and its bytes of text: there may be a thousand
/// of them for each of many partitions, and the manifest is written about every second.
package struct DumpFrames: Sendable, Equatable {
    package var frames: [ZstdSeekTable.Frame] = []
}

extension DumpFrames: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        frames = try container.decode(String.self).split(separator: " ").map { text in
            let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { UInt32($0) }
            guard numbers.count == 2, let size = numbers[0], let textSize = numbers[1] else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no frame.")
            }
            return ZstdSeekTable.Frame(size: size, textSize: textSize)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(frames.map { "\($0.size)/\($0.textSize)" }.joined(separator: " "))
    }
}
