/// Ways to hash keys, from good to hopeless: batches have to be right with each.
package enum KeyHash: CaseIterable, Sendable {
    case good, poor, constant

    package func value(_ key: TestKey) -> UInt64 {
        switch (self, key) {
        case (.good, .integer(let value)): UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15
        case (.good, .text(let text)):
            text.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        case (.poor, .integer(let value)): UInt64(bitPattern: value) >> 40 & 3
        case (.poor, .text(let text)): UInt64(text.utf8.count)
        case (.constant, _): 7
        }
    }
}
