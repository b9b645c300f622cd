import BackfillCore

/// Turns a row of an Array column into the `ScalarField` message that carries it, without a copy in between.
enum ElementEncoder {
    /// Bytes of the message.
    static func size(of row: Range<Int>, in bytes: [UInt8], element: FieldType) -> Int {
        ProtobufWriter.size(ofFieldWithLength: arraySize(valuesSize(of: row, in: bytes, element), element))
    }

    static func write(_ row: Range<Int>, of bytes: [UInt8], element: FieldType, to writer: inout ProtobufWriter) {
        let type = MilvusType(element)
        let valuesSize = valuesSize(of: row, in: bytes, element)
        writer.open(type.slot, length: arraySize(valuesSize, element))
        if type.values != .texts, valuesSize > 0 { writer.open(1, length: valuesSize) }
        var position = row.lowerBound
        while position < row.upperBound {
            switch type.values {
            case .texts:
                let length = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
                writer.open(1, length: length)
                writer.append(bytes[position..<(position + length)])
                position += length
            case .varints:
                writer.varint(ArrayElements.read(UInt64.self, from: bytes, at: &position))
            case .fixed, .packed, .arrays:
                // Packed values lie in the row as they travel.
                writer.append(bytes[position..<row.upperBound])
                position = row.upperBound
            }
        }
    }

    /// Of the array message's content; packed values have a tag and a length before them, each text its own.
    private static func arraySize(_ valuesSize: Int, _ element: FieldType) -> Int {
        MilvusType(element).values == .texts || valuesSize == 0
            ? valuesSize : ProtobufWriter.size(ofFieldWithLength: valuesSize)
    }

    private static func valuesSize(of row: Range<Int>, in bytes: [UInt8], _ element: FieldType) -> Int {
        var size = 0
        var position = row.lowerBound
        while position < row.upperBound {
            switch MilvusType(element).values {
            case .texts:
                let length = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
                size += ProtobufWriter.size(ofFieldWithLength: length)
                position += length
            case .varints:
                size += ProtobufWriter.size(ofVarint: ArrayElements.read(UInt64.self, from: bytes, at: &position))
            case .fixed, .packed, .arrays:
                return row.count
            }
        }
        return size
    }
}
