import Foundation
import Testing

/// The objects of a text with one JSON object a line.
func jsonLines(_ text: some StringProtocol) throws -> [NSDictionary] {
    try text.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
    }
}
