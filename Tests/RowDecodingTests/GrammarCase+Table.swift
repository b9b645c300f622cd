extension GrammarCase {
    /// Whether a string made of these bytes is accepted between its quotes.
    private static func quoted(_ name: String, _ bytes: [UInt8], isValid: Bool) -> GrammarCase {
        GrammarCase(name, [0x22] + bytes + [0x22], isValid: isValid)
    }

    private static func nested(_ depth: Int, _ open: String, _ inner: String, _ close: String) -> String {
        String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
    }

    static let all = valid + invalid + encodings + nesting

    private static let valid = [
        ("empty object", "{}"), ("empty array", "[]"), ("spaces in empty ones", "{ \t\r } "), ("empty text", #""""#),
        ("null", "null"), ("true", "true"), ("false", "false"), ("zero", "0"), ("negative zero", "-0"),
        ("integer", "-123"), ("fraction", "0.50"), ("exponents", "[1e1, 1E+1, 1e-1, 0e0, 0E+00, 1.5e007, -0.0e-0]"),
        ("a number beyond a Double", "1e999999999999999999999"),
        ("a number below a Double", "-1e-99999999999999999999"),
        ("many digits", "1234567890123456789012345678901234567890.1234567890123456789012345678901234567890"),
        ("simple escapes", #""\" \\ \/ \b \f \n \r \t""#), ("escaped characters", #""\u0041\u00e9\u20AC\uabCD""#),
        ("an escaped surrogate pair", #""\uD83D\uDE00\udbff\udfff""#), ("an escaped zero", #""\u0000""#),
        ("escaped noncharacters", #""\uFFFF\uFFFE\uFDD0""#), ("an escaped backslash before u", #""\\uD83D""#),
        ("delete and line separators", "\"\u{7F}\u{2028}\u{2029}\""), ("a byte order mark in text", "\"\u{FEFF}\""),
        ("empty key", #"{"": 0}"#), ("escaped key", #"{"\u0000\"": 0}"#), ("the same key twice", #"{"a": 1, "a": 1}"#),
        ("white space everywhere", "\t{ \"a\"\t:\r[ 1 ,\t2 ] , \"b\" : { } }\r"),
        ("arrays of everything", #"[null, true, false, -1, 1.5, "x", [], {}, [[]], {"a": [{}]}]"#),
        ("brackets in text", #""[{]}\",:""#), ("long text", "\"" + String(repeating: "é", count: 5000) + "\""),
    ].map { GrammarCase($0, $1, isValid: true) }

    private static let invalid = [
        ("nothing", ""), ("only spaces", "  "), ("a stray quote", "\""), ("a stray comma", ","), ("a stray colon", ":"),
        ("a stray letter", "a"), ("another word", "nul"), ("a longer word", "nulll"), ("capital letters", "True"),
        ("a word glued to a number", "1true"), ("NaN", "NaN"), ("Infinity", "Infinity"), ("-Infinity", "-Infinity"),
        ("leading zero", "01"), ("leading zero after a sign", "-01"), ("two zeros", "00"), ("a plus sign", "+1"),
        ("only a sign", "-"), ("two signs", "--1"), ("a sign apart", "- 1"), ("no digit before the point", ".5"),
        ("no digit after the point", "1."), ("no digit between point and exponent", "1.e1"),
        ("only a sign and a point", "-.5"), ("empty exponent", "1e"), ("only a sign in the exponent", "1e+"),
        ("two signs in the exponent", "1e+-1"), ("a fraction in the exponent", "1e1.5"), ("two points", "1.2.3"),
        ("two exponents", "1e1e1"), ("hexadecimal", "0x1F"), ("an underscore", "1_000"), ("a suffix", "1f"),
        ("full-width digit", "１"), ("a comma as the point", "[1,5]]"), ("digits apart", "1 2"),
        ("single quotes", "'a'"), ("text without an end", #""abc"#), ("text ending in a backslash", #""abc\"#),
        ("text ending in an escaped quote", #""abc\""#), ("an unknown escape", #""\x41""#),
        ("a capital escape", #""\N""#),
        ("an octal escape", #""\101""#), ("an escaped apostrophe", #""\'""#), ("an escaped space", #""\ ""#),
        ("an escape with three digits", #""\u12""#), ("an escape with a letter too far", #""\u12G4""#),
        ("a sign in an escape", #""\u+123""#), ("capital U", #""\U0041""#),
        ("a high surrogate alone", #""\uD83D""#), ("a high surrogate before text", #""\uD83Dabcdef""#),
        ("a high surrogate before another escape", #""\uD83D\n12345""#), ("a low surrogate alone", #""\uDE00""#),
        ("two high surrogates", #""\uD83D\uD83D""#), ("surrogates in reverse", #""\uDE00\uD83D""#),
        ("a high surrogate before half an escape", #""\uD83D\uDE""#),
        ("a high surrogate before a letter", #""\uD83D\u0041""#),
        ("tab in text", "\"\t\""), ("carriage return in text", "\"\r\""), ("zero byte in text", "\"\u{0}\""),
        ("escape character in text", "\"\u{1F}\""), ("zero byte outside of text", "\u{0}"),
        ("form feed as white space", "\u{0C}1"), ("vertical tab as white space", "[1,\u{0B}2]"),
        ("no-break space as white space", "\u{A0}1"), ("a byte order mark", "\u{FEFF}1"),
        ("a word joiner", "1\u{2060}"),
        ("an array without an end", "[1"), ("an array without a beginning", "1]"), ("a comma too many", "[1,]"),
        ("two commas", "[1,,2]"), ("a comma first", "[,1]"), ("no comma", "[1 2]"), ("a semicolon", "[1;2]"),
        ("an array closed as an object", "[1}"), ("a colon in an array", #"["a": 1]"#), ("an open comma", "[1,"),
        ("an object without an end", #"{"a": 1"#), ("an object closed as an array", #"{"a": 1]"#),
        ("a comma too many in an object", #"{"a": 1,}"#), ("two commas in an object", #"{"a": 1,, "b": 2}"#),
        ("a comma first in an object", #"{, "a": 1}"#), ("no colon", #"{"a" 1}"#), ("two colons", #"{"a":: 1}"#),
        ("no value", #"{"a":}"#), ("no key", "{: 1}"), ("a number as key", "{1: 1}"), ("a word as key", "{a: 1}"),
        ("null as key", "{null: 1}"), ("a key in single quotes", "{'a': 1}"), ("a key alone", #"{"a"}"#),
        ("an equals sign", #"{"a" = 1}"#), ("a comment", "1 /* one */"), ("a line comment", "1 // one"),
        ("a hash comment", "1 # one"), ("two values", "{} {}"), ("text after text", #""a" "b""#),
        ("an asterisk", "[*]"), ("a byte escape", #""\ud""#), ("an unquoted escape", #"\u0031"#),
    ].map { GrammarCase($0, $1, isValid: false) }

    private static let encodings = [
        quoted("two bytes", [0xC2, 0x80, 0xDF, 0xBF], isValid: true),
        quoted("three bytes", [0xE0, 0xA0, 0x80, 0xED, 0x9F, 0xBF, 0xEE, 0x80, 0x80, 0xEF, 0xBF, 0xBF], isValid: true),
        quoted("four bytes", [0xF0, 0x90, 0x80, 0x80, 0xF4, 0x8F, 0xBF, 0xBF], isValid: true),
        quoted("a continuation alone", [0x80], isValid: false),
        quoted("the last continuation alone", [0xBF], isValid: false),
        quoted("an overlong slash of two bytes", [0xC0, 0xAF], isValid: false),
        quoted("an overlong delete", [0xC1, 0xBF], isValid: false),
        quoted("an overlong zero", [0xC0, 0x80], isValid: false),
        quoted("an overlong slash of three bytes", [0xE0, 0x80, 0xAF], isValid: false),
        quoted("the last overlong of three bytes", [0xE0, 0x9F, 0xBF], isValid: false),
        quoted("the last overlong of four bytes", [0xF0, 0x8F, 0xBF, 0xBF], isValid: false),
        quoted("the first surrogate", [0xED, 0xA0, 0x80], isValid: false),
        quoted("the last surrogate", [0xED, 0xBF, 0xBF], isValid: false),
        quoted("a surrogate pair", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], isValid: false),
        quoted("beyond Unicode", [0xF4, 0x90, 0x80, 0x80], isValid: false),
        quoted("far beyond Unicode", [0xF5, 0x80, 0x80, 0x80], isValid: false),
        quoted("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], isValid: false),
        quoted("six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], isValid: false),
        quoted("the byte FE", [0xFE], isValid: false),
        quoted("the byte FF", [0xFF], isValid: false),
        quoted("two bytes cut", [0xC3], isValid: false),
        quoted("three bytes cut after one", [0xE2], isValid: false),
        quoted("three bytes cut after two", [0xE2, 0x82], isValid: false),
        quoted("four bytes cut after three", [0xF0, 0x9F, 0x98], isValid: false),
        quoted("three bytes cut by text", [0xE2, 0x82, 0x41], isValid: false),
        quoted("Latin-1", [0x63, 0x61, 0x66, 0xE9], isValid: false),
        quoted("half an escape before a continuation", [0x5C, 0xE5], isValid: false),
        GrammarCase("text cut inside a character", [0x22, 0xF0, 0x9F], isValid: false),
        GrammarCase("invalid UTF-8 outside of text", [0xE5], isValid: false),
        GrammarCase("invalid UTF-8 in a key", [0x7B, 0x22, 0xE5, 0x22, 0x3A, 0x31, 0x7D], isValid: false),
        GrammarCase("UTF-16", [0x00, 0x31], isValid: false),
    ]

    private static let nesting = [
        GrammarCase("256 arrays", nested(256, "[", "", "]"), isValid: true),
        GrammarCase("255 objects", nested(255, #"{"a":"#, "{}", "}"), isValid: true),
        // The grammar has no limit; the scanner's keeps a hostile record from exhausting the stack.
        GrammarCase("257 arrays", nested(257, "[", "", "]"), isValid: false),
        GrammarCase("256 objects around one", nested(256, #"{"a":"#, "{}", "}"), isValid: false),
        GrammarCase("a bomb of arrays", nested(200_000, "[", "", "]"), isValid: false),
        GrammarCase("a bomb without an end", nested(200_000, "[", "", ""), isValid: false),
        GrammarCase("a bomb of objects", nested(100_000, #"{"a":"#, "1", "}"), isValid: false),
        GrammarCase("a bomb of both", nested(100_000, #"[{"a":"#, "1", "}]"), isValid: false),
    ]
}
