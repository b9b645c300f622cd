/// Finds what a person probably meant.
package enum NearMiss {
    /// The candidate that is nearest to the text, if one is near: a slip or two, or letters of the wrong case.
    package static func nearest(to text: String, in candidates: [String]) -> String? {
        let limit = max(1, text.count / 3)
        return
            candidates
            .map { (candidate: $0, distance: distance(Array(text.lowercased()), Array($0.lowercased()))) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?
            .candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (i, leftCharacter) in left.enumerated() {
            var row = [i + 1]
            for (j, rightCharacter) in right.enumerated() {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (leftCharacter == rightCharacter ? 0 : 1))
                if i > 0, j > 0, leftCharacter == right[j - 1], left[i - 1] == rightCharacter {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[right.count]
    }
}
