import ArgumentParser
import BackfillCore
import Foundation
import JobFiles

/// A first argument that names no command.
struct UnknownCommand: UserFacingError {
    private let name: String
    private let commands: [String]

    /// nil where the arguments begin with a command or an option, or are none.
    init?(_ arguments: [String]) {
        guard let name = arguments.first, !name.hasPrefix("-") else { return nil }
        let commands = BackfillCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard !commands.contains(name), name != "help" else { return nil }
        self.name = name
        self.commands = commands
    }

    var description: String {
        if let meant = NearMiss.nearest(to: name, in: commands) {
            return "there is no command `\(name)`; did you mean `\(meant)`?"
        }
        if [".yaml", ".yml"].contains(where: name.hasSuffix) || FileManager.default.fileExists(atPath: name) {
            return "`\(name)` is no command; did you mean `milvus-backfill run \(name)`?"
        }
        return "there is no command `\(name)`; the commands are \(commands.joined(separator: ", ")); "
            + "see milvus-backfill --help"
    }

    var exitStatus: BackfillCore.ExitStatus { .usage }
}
