import BackfillCore

extension Column {
    /// Hash of a row of a primary key's column.
    func keyHash(ofRow row: Int) -> UInt64 {
        guard layout == .bytes else { return Self.mix(UInt64(bitPattern: integers[row])) }
        var hash: UInt64 = 0x51_7C_C1_B7_27_22_0A_95
        for index in byteRange(row) {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
        }
        return Self.mix(hash)
    }

    /// Appends a message's key as the value of this column.
    ///
    /// - Returns: whether the message has a key.
    mutating func appendKey(
        _ key: MessageEnvelope.Value, _ line: Span<UInt8>, kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) -> Bool {
        switch (key, kind) {
        case (.missing, _), (.null, _):
            return false
        case (.text(let text), .varChar(let maxLength)):
            try JSONScanner.append(text, of: line, maxLength: maxLength, to: &bytes)
            closeRow()
        case (.text(let text), .integer(let range)):
            append(try Self.integerKey(line, text.range, range))
        case (.inline(let place), .integer(let range)):
            append(try Self.integerKey(line, place, range))
        case (.inline, _), (.text, _):
            throw .misfit("the message's key does not fit the primary key of type \(field.type)")
        }
        return true
    }

    private static func integerKey(
        _ line: Span<UInt8>, _ place: Range<Int>, _ range: ClosedRange<Int64>
    ) throws(RecordFault) -> Int64 {
        var scanner = JSONScanner(at: place.lowerBound)
        do throws(RecordFault) {
            let value = try scanner.scanInteger(line, in: range)
            if scanner.position == place.upperBound { return value }
        } catch {
            throw .misfit("the message's key is not an integer of the primary key's type: \(error.reason)")
        }
        throw .misfit("the message's key is not an integer")
    }

    /// Spreads every bit of `value` over the whole word (the finalizer of MurmurHash3, which is in the public domain).
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return mixed ^ mixed >> 33
    }
}
