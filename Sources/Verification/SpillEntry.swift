import BackfillCore

/// One record of a key, or one row of the collection, as it lies in a spill file.
struct SpillEntry: Equatable {
    var key: PrimaryKey
    /// Of a row of the collection the place says nothing.
    var record: KeyRecords.Record

    func append(to bytes: inout [UInt8]) {
        switch key {
        case .integer(let value):
            bytes.append(0)
            ArrayElements.append(value, to: &bytes)
        case .text(let text):
            bytes.append(1)
            ArrayElements.append(UInt32(text.count), to: &bytes)
            bytes.append(contentsOf: text)
        }
        ArrayElements.append(UInt32(record.place.unit), to: &bytes)
        ArrayElements.append(UInt32(record.place.file), to: &bytes)
        ArrayElements.append(record.place.record, to: &bytes)
        switch record.version {
        case .none: bytes.append(0)
        case .integer(let value):
            bytes.append(1)
            ArrayElements.append(value, to: &bytes)
        case .number(let value):
            bytes.append(2)
            ArrayElements.append(value, to: &bytes)
        }
        switch record.effect {
        case .unknown: bytes.append(0)
        case .noRow: bytes.append(1)
        case .row(let digest):
            bytes.append(2)
            ArrayElements.append(Int64(bitPattern: digest.high), to: &bytes)
            ArrayElements.append(Int64(bitPattern: digest.low), to: &bytes)
        }
    }

    /// Reads what `append` wrote at `position`, which moves behind it.
    init(from bytes: [UInt8], at position: inout Int) {
        if ArrayElements.read(UInt8.self, from: bytes, at: &position) == 0 {
            key = .integer(Int64(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position)))
        } else {
            let length = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
            key = .text(Array(bytes[position..<position + length]))
            position += length
        }
        let unit = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
        let file = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
        let number = Int64(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position))
        let version: RowVersion
        switch ArrayElements.read(UInt8.self, from: bytes, at: &position) {
        case 0: version = .none
        case 1: version = .integer(Int64(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position)))
        default: version = .number(Double(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position)))
        }
        let effect: KeyRecords.Effect
        switch ArrayElements.read(UInt8.self, from: bytes, at: &position) {
        case 0: effect = .unknown
        case 1: effect = .noRow
        default:
            let high = ArrayElements.read(UInt64.self, from: bytes, at: &position)
            effect = .row(RowDigest(high: high, low: ArrayElements.read(UInt64.self, from: bytes, at: &position)))
        }
        record = KeyRecords.Record(
            effect, version: version, at: RecordPlace(unit: unit, file: file, record: number))
    }

    init(_ record: KeyRecords.Record, of key: PrimaryKey) {
        self.key = key
        self.record = record
    }
}
