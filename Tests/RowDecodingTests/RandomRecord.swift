import BackfillCore
import TestSupport

/// Records of a collection with every kind of column: good ones, and ones with a single thing wrong.
enum RandomRecord {
    static let fields = [
        FieldSchema(name: "id", type: .varChar(maxLength: 24), isPrimaryKey: true),
        FieldSchema(name: "flag", type: .bool, isNullable: true), FieldSchema(name: "size", type: .int32),
        FieldSchema(name: "score", type: .double, defaultValue: .double(0)), FieldSchema(name: "weight", type: .float),
        FieldSchema(name: "title", type: .varChar(maxLength: 40), isNullable: true),
        FieldSchema(name: "doc", type: .json, isNullable: true),
        FieldSchema(name: "tags", type: .array(element: .varChar(maxLength: 8), maxCapacity: 3), isNullable: true),
        FieldSchema(name: "vector", type: .floatVector(dimension: 3)),
    ]

    static func good(_ random: inout SeededGenerator) -> String {
        render(goodMembers(&random), &random)
    }

    /// A record that has to be rejected, wherever in it the decoder notices.
    static func bad(_ random: inout SeededGenerator) -> String {
        var members = goodMembers(&random)
        let index = random.number(0...members.count - 1)
        switch random.number(0...8) {
        case 0: members[index].text = "}"
        case 1: members.insert(("id", "\"k-1\""), at: index)
        case 2: members.removeAll { $0.name == "vector" }
        case 3: members.insert(("size", "1.5"), at: index)
        case 4: members.insert(("vector", "[1,2,3,4]"), at: index)
        case 5: members.insert(("tags", #"["a","b",3]"#), at: index)
        case 6: members.insert(("$meta", "{}"), at: index)
        case 7: members.insert(("extra", #"{"a":[1,"\ud800"]}"#), at: index)
        default:
            let whole = render(members, &random)
            return String(whole.prefix(random.number(1...whole.count - 1))) + "\u{1}"
        }
        return render(members, &random)
    }

    private static func goodMembers(_ random: inout SeededGenerator) -> [(name: String, text: String)] {
        let number = random.number(-1_000_000...1_000_000)
        var members = [
            (name: "id", text: #""k-\#(random.number(0...500))""#), ("size", "\(number)"), ("weight", "\(number).25"),
            ("vector", "[\(number),0.1,-1e-3]"),
        ]
        if random.oneIn(2) { members.append(("flag", random.oneIn(3) ? "null" : "\(random.oneIn(2))")) }
        if random.oneIn(2) { members.append(("score", random.oneIn(3) ? "null" : "\(number)e-5")) }
        if random.oneIn(2) { members.append(("title", random.oneIn(3) ? "null" : #""ä\u20ac\#(number)""#)) }
        if random.oneIn(2) { members.append(("doc", #"{"n": [\#(number), null]}"#)) }
        if random.oneIn(2) { members.append(("tags", random.oneIn(3) ? "[]" : #"["a","é\n"]"#)) }
        if random.oneIn(3) { members.append(("other\(random.number(0...3))", #"[true,"\#(number)"]"#)) }
        return members.shuffled(using: &random)
    }

    private static func render(_ members: [(name: String, text: String)], _ random: inout SeededGenerator) -> String {
        let space = random.oneIn(3) ? " " : ""
        return "{" + members.map { "\"\($0.name)\"\(space):\(space)\($0.text)" }.joined(separator: ",\(space)") + "}"
    }
}
