import BackfillCore

/// Turns a row of an Array column into the `ScalarField` message that carries it.
enum ElementEncoder {
    static func scalarField(_ row: ArraySlice<UInt8>, of element: FieldType) -> [UInt8] {
        let type = MilvusType(element)
        let row = Array(row)
        var values = ProtobufWriter(capacity: row.count)
        var position = 0
        while position < row.count {
            switch element {
            case .varChar:
                let length = Int(ArrayElements.read(UInt32.self, from: row, at: &position))
                values.open(1, length: length)
                values.append(row[position..<(position + length)])
                position += length
            case .float, .double:
                // Packed values lie in the row as they travel.
                values.append(row[position...])
                position = row.count
            default:
                values.varint(ArrayElements.read(UInt64.self, from: row, at: &position))
            }
        }
        var message = ProtobufWriter(capacity: values.bytes.count + 12)
        if type.values == .texts || values.bytes.isEmpty {
            message.open(type.slot, length: values.bytes.count)
        } else {
            message.open(type.slot, length: ProtobufWriter.size(ofFieldWithLength: values.bytes.count))
            message.open(1, length: values.bytes.count)
        }
        message.append(values.bytes[...])
        return message.bytes
    }
}
