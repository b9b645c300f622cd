import Foundation

/// Processors that this process may use.
enum ProcessorCount {
    static var available: Int { ProcessInfo.processInfo.activeProcessorCount }
}

extension String {
    /// What follows the last slash.
    var lastPathComponent: String { (self as NSString).lastPathComponent }
}
