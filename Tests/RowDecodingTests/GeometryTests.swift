import BackfillCore
import Foundation
import RowDecoding
import Testing

@Suite("A geometry is well-known text")
struct GeometryTests {
    private func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    /// Points, and polygons of one ring, of two dimensions.
    private static let plain = [
        "POINT (1 2)", "POINT(1 2)", "point(-1.5 2e3)", " Point \t( 1\n 2 ) ", "POINT(+1 .5)", "POINT (0 -0.0)",
        "POLYGON ((0 0, 1 0, 1 1, 0 0))", "polygon((0 0,0 1,1 1,1 0,0 0))", "POLYGON ((0 0, 1 0, 1 1, 0.0 0e5))",
    ]

    private static let other = [
        "POINT (1 2 3)", "POINT Z (1 2 3)", "POINT M (1 2 3)", "POINT ZM (1 2 3 4)", "point z(1 2 3)", "POINT EMPTY",
        "POINT Z EMPTY", "LINESTRING (0 0, 1 1)", "LINESTRING EMPTY", "LINESTRING Z (0 0 0, 1 1 1)",
        "LINESTRING (0 0 1, 1 1 1, 2 2 1)", "POLYGON EMPTY", "POLYGON ((0 0 1, 1 0 1, 1 1 1, 0 0 1))",
        "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))", "MULTIPOINT (0 0, 1 1)", "MULTIPOINT ((0 0), (1 1))",
        "MULTIPOINT ((0 0), 1 1)", "MULTIPOINT EMPTY", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 4))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5), (5 5, 6 5, 6 6, 5 5)))", "MULTIPOLYGON EMPTY",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))", "GEOMETRYCOLLECTION EMPTY",
        "GEOMETRYCOLLECTION (POINT EMPTY, POINT Z (1 2 3), GEOMETRYCOLLECTION (POINT (1 2)))",
    ]

    @Test("that is kept byte for byte", arguments: plain + other)
    func isKept(text: String) throws {
        let records = try Records(value: .geometry)
        #expect(records.value(try quoted(text)) == .text(text))
        let escaped = text.unicodeScalars.map { "\\u00" + (String($0.value + 0x100, radix: 16).dropFirst()) }.joined()
        #expect(records.value("\"\(escaped)\"") == .text(text))
    }

    private static let badName =
        "the geometry does not begin with one of POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, "
        + "MULTIPOLYGON, GEOMETRYCOLLECTION"

    private static func expected(_ what: String, at byte: Int) -> String {
        "the geometry is not well-known text: \(what) is expected at byte \(byte)"
    }

    private static let refused: [(text: String, sentence: String)] = [
        ("", badName), ("EMPTY", badName), ("CIRCLE (1 2)", badName), ("POINTZ (1 2 3)", badName),
        ("SRID=4326;POINT (1 2)", badName), ("(1 2)", badName), ("1 2", badName), ("CIRCLE EMPTY", badName),
        ("CURVEPOLYGON ((0 0, 1 0, 1 1, 0 0))", badName), ("PÖINT (1 2)", badName), (#"{"type":"Point"}"#, badName),
        ("POINT", expected("`(`", at: 6)), ("POINT 1 2", expected("`(`", at: 7)),
        ("POINT (1 2", expected("`)`", at: 11)),
        ("POINT (1, 2)", "a point of the geometry has 1 coordinates, and 2 or 3 are expected"),
        ("POINT (1 2))", expected("the end", at: 12)), ("POINT (1 2) POINT (1 2)", expected("the end", at: 13)),
        ("POINT (1 2);", expected("the end", at: 12)), ("POINT EMPTY (1 2)", expected("the end", at: 13)),
        ("POINT Z M (1 2 3)", expected("`(`", at: 9)), ("POINT [1 2]", expected("`(`", at: 7)),
        ("POINT (1 2a)", expected("`)`", at: 11)),
        ("POINT (x y)", "a point of the geometry has 0 coordinates, and 2 or 3 are expected"),
        ("POINT ()", "a point of the geometry has 0 coordinates, and 2 or 3 are expected"),
        ("POINT (1)", "a point of the geometry has 1 coordinates, and 2 or 3 are expected"),
        ("POINT (1 2 3 4)", "a point of the geometry has 4 coordinates, and 2 or 3 are expected"),
        ("POINT Z (1 2)", "a point of the geometry has 2 coordinates, and 3 are expected"),
        ("POINT ZM (1 2 3)", "a point of the geometry has 3 coordinates, and 4 are expected"),
        ("LINESTRING (0 0, 1 1 1)", "a point of the geometry has 3 coordinates, and 2 are expected"),
        ("POLYGON ((0 0 1, 1 0 1, 1 1 1, 0 0))", "a point of the geometry has 2 coordinates, and 3 are expected"),
        ("POINT (1 1e400)", "`1e400` is no coordinate of a geometry"),
        ("POINT (1-2)", "`1-2` is no coordinate of a geometry"),
        ("POINT (1 --2)", "`--2` is no coordinate of a geometry"),
        ("POINT (1 .)", "`.` is no coordinate of a geometry"), ("POINT (1 e5)", "`e5` is no coordinate of a geometry"),
        ("POINT (1 nan)", "a point of the geometry has 1 coordinates, and 2 or 3 are expected"),
        ("LINESTRING (0 0)", "a line of the geometry has 1 points, and it needs 2"),
        ("LINESTRING (0 0,)", "a point of the geometry has 0 coordinates, and 2 are expected"),
        ("LINESTRING 0 0, 1 1", expected("`(`", at: 12)),
        ("POLYGON (0 0, 1 0, 1 1, 0 0)", expected("`(`", at: 10)),
        ("POLYGON ((0 0, 1 0, 0 0))", "a line of the geometry has 3 points, and it needs 4"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 1))", "a ring of the geometry is not closed"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0), (1 1, 2 1, 2 2, 1 2))", "a ring of the geometry is not closed"),
        ("POLYGON ()", expected("`(`", at: 10)), ("MULTIPOINT ((0 0), (1 1)", expected("`)`", at: 25)),
        ("MULTIPOLYGON ((0 0, 1 0, 1 1, 0 0))", expected("`(`", at: 16)), ("GEOMETRYCOLLECTION ()", badName),
        ("GEOMETRYCOLLECTION (POINT (1 2), CIRCLE (1))", badName),
    ]

    @Test("and nothing else", arguments: refused)
    func isRefused(text: String, sentence: String) throws {
        #expect(try Records(value: .geometry).fault(try quoted(text)) == "field `value`: \(sentence)")
    }

    @Test("in collections that are not nested without end")
    func nesting() throws {
        let records = try Records(value: .geometry)
        func nested(_ levels: Int) -> String {
            String(repeating: "GEOMETRYCOLLECTION (", count: levels) + "POINT (1 2)"
                + String(repeating: ")", count: levels)
        }
        #expect(records.value("\"\(nested(16))\"") == .text(nested(16)))
        let sentence = "field `value`: the geometry has more than 16 levels of collections"
        #expect(records.fault("\"\(nested(17))\"") == sentence)
        #expect(records.fault("\"\(nested(10_000))\"") == sentence)
    }

    @Test("a long word is cut in the message")
    func longNumber() throws {
        let fault = try Records(value: .geometry).fault("\"POINT (1 \(String(repeating: "-", count: 5000)))\"")
        #expect(fault == "field `value`: `\(String(repeating: "-", count: 40))` is no coordinate of a geometry")
    }

    @Test("where the server takes points and simple polygons only, no other", arguments: plain + other)
    func plainOnly(text: String) throws {
        let records = try Records(
            value: .geometry, limits: ServerLimits(name: "Milvus Lite 3", missing: [.anyGeometry]))
        let sentence =
            "field `value`: the geometry is no point and no polygon of one ring, and Milvus Lite 3 takes no other"
        #expect(records.fault(try quoted(text)) == (Self.plain.contains(text) ? nil : sentence))
    }

    @Test("in a text, and in no other value")
    func otherValues() throws {
        let records = try Records(value: .geometry)
        #expect(records.fault("[1,2]") == "field `value`: text is expected, found an array")
        #expect(
            records.fault(#"{"type":"Point","coordinates":[1,2]}"#)
                == "field `value`: text is expected, found an object")
        #expect(records.fault("null") == "field `value`: null, and the field is not nullable")
    }
}
