import BackfillCore

extension ArrayElements {
    static func integers(_ bytes: [UInt8]) -> [Int64] {
        values(bytes) { Int64(bitPattern: read(UInt64.self, from: bytes, at: &$0)) }
    }

    static func floats(_ bytes: [UInt8]) -> [Float] {
        values(bytes) { Float(bitPattern: read(UInt32.self, from: bytes, at: &$0)) }
    }

    static func doubles(_ bytes: [UInt8]) -> [Double] {
        values(bytes) { Double(bitPattern: read(UInt64.self, from: bytes, at: &$0)) }
    }

    static func texts(_ bytes: [UInt8]) -> [String] {
        values(bytes) { position in
            let length = Int(read(UInt32.self, from: bytes, at: &position))
            defer { position += length }
            return String(decoding: bytes[position..<position + length], as: UTF8.self)
        }
    }

    private static func values<Value>(_ bytes: [UInt8], _ read: (inout Int) -> Value) -> [Value] {
        var position = 0
        var values: [Value] = []
        while position < bytes.count { values.append(read(&position)) }
        return values
    }
}
