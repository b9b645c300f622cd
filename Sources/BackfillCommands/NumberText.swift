import Foundation

extension Int {
    /// With a comma between groups of three digits.
    var grouped: String {
        var text = String(magnitude)
        var index = text.count - 3
        while index > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: index))
            index -= 3
        }
        return self < 0 ? "-" + text : text
    }

    /// A number of bytes in the unit that fits.
    var asBytes: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(self)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(self) B" : "\(value.rounded(to: 1)) \(units[unit])"
    }
}

extension Double {
    func rounded(to places: Int) -> String {
        String(format: "%.\(places)f", self)
    }

    /// A duration in seconds, as 1h02m03s.
    var asDuration: String {
        let total = Int(self.rounded(.up))
        let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
        if hours > 0 { return String(format: "%dh%02dm%02ds", hours, minutes, seconds) }
        return minutes > 0 ? String(format: "%dm%02ds", minutes, seconds) : "\(seconds)s"
    }
}
