import Foundation
import Testing

/// What a person sees in a shell: help, completion, the manual page, colours, and what is said of a slip.
@Suite struct ShellTests {
    private struct Help: Decodable {
        struct Command: Decodable {
            var commandName: String
            var discussion: String?
            var subcommands: [Command]?
        }

        var command: Command
    }

    private static let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").path

    private func backfill(_ arguments: String..., environment: [String: String] = [:]) async throws -> CommandResult {
        try await Command.run(TestEnvironment.binary(), arguments, environment: environment)
    }

    private func commands() async throws -> [Help.Command] {
        let dump = try await backfill("--experimental-dump-help").output
        let root = try JSONDecoder().decode(Help.self, from: Data(dump.utf8)).command
        let commands = (root.subcommands ?? []).filter { $0.commandName != "help" }
        try #require(commands.count >= 5)
        return commands
    }

    @Test func theHelpOfEveryCommandHasExamplesAndFitsIntoEightyColumns() async throws {
        for command in try await commands() {
            #expect(command.discussion?.contains("EXAMPLES\n") ?? false, "\(command.commandName)")
            let help = try await backfill("help", command.commandName).output
            for line in help.split(separator: "\n") {
                #expect(line.count <= 80, "\(command.commandName): \(line)")
            }
        }
        let help = try await backfill("--help").output
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func theVersionNamesWhatTheProgramIsMadeOf() async throws {
        let lines = try await backfill("--version").output.split(separator: "\n").map(String.init)
        try #require(lines.count == 3)
        #expect(lines[0].wholeMatch(of: /milvus-backfill [0-9]+\.[0-9]+\.[0-9]+/) != nil, "\(lines[0])")
        #expect(
            lines[1].wholeMatch(of: /librdkafka [0-9.]+, libcurl [0-9.]+, libzstd [0-9.]+/) != nil, "\(lines[1])")
        #expect(lines[2].hasPrefix("Swift 6."), "\(lines[2])")
    }

    @Test func aSlipIsExplained() async throws {
        for (arguments, words) in [
            (["rnu", "job.yaml"], "did you mean `run`?"),
            (["job.yaml"], "did you mean `milvus-backfill run job.yaml`?"),
            (["frobnicate"], "the commands are run, "), (["run", "job.yaml", "--dryrun"], "'--dry-run'"),
        ] {
            let result = try await Command.run(TestEnvironment.binary(), arguments)
            #expect(result.exitCode == 64, "\(arguments)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        let folder = try await backfill("plan", Self.top)
        #expect(folder.exitCode == 65 && folder.errors.contains("it is a folder"), "\(folder.errors)")
        let missing = try await backfill("plan", Self.top + "/none.yaml")
        #expect(missing.exitCode == 65 && missing.errors.contains("milvus-backfill init"), "\(missing.errors)")
        let override = try await backfill(
            "plan", Self.top + "/samples/quickstart/job.yaml", "--set", "run.lane=8")
        #expect(override.exitCode == 65 && override.errors.contains("did you mean `lanes`?"), "\(override.errors)")
    }

    // MARK: Completion

    @Test(arguments: ["bash", "zsh", "fish"])
    func everyShellGetsAScriptThatKnowsEveryCommand(shell: String) async throws {
        let script = try await backfill("--generate-completion-script", shell)
        #expect(script.exitCode == 0)
        for command in try await commands() { #expect(script.output.contains(command.commandName)) }
        // Not every machine has the others.
        if shell == "bash" {
            let check = try await Command.run("/usr/bin/env", ["bash", "-n"], input: script.output)
            #expect(check.exitCode == 0, "\(check.errors)")
        }
    }

    @Test(arguments: [
        ("ru", "run"), ("run --dry", "--dry-run"), ("plan jo", "job.yaml"), ("run job.yaml --log-format j", "json"),
        ("run job.yaml --log-level w", "warning"), ("init --protocol r", "rest"),
    ])
    func bashCompletes(words: String, completion: String) async throws {
        let place = try Workplace()
        try place.write("", to: "job.yaml")
        try place.write("", to: "jot.txt")
        let script = try await backfill("--generate-completion-script", "bash").output
        let completed = try await Command.output(
            of: "/usr/bin/env", ["bash", "-s"],
            input: """
                cd "\(place.folder.path)"
                \(script)
                COMP_WORDS=(milvus-backfill \(words))
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                COMP_LINE="${COMP_WORDS[*]}"
                COMP_POINT=${#COMP_LINE}
                _milvus-backfill milvus-backfill "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """)
        #expect(completed == completion + "\n")
    }

    // MARK: The manual page

    @Test func theManualPageIsTheHelpOfThisVersion() async throws {
        let made = try await Command.output(
            of: TestEnvironment.python(), [Self.top + "/docs/manual.py", TestEnvironment.binary()])
        let stored = try String(contentsOfFile: Self.top + "/docs/milvus-backfill.1", encoding: .utf8)
        #expect(
            made == stored, "run docs/manual.py .build/release/milvus-backfill > docs/milvus-backfill.1 and commit it")
    }

    @Test func theManualPageRendersWithoutAWarning() async throws {
        let page = try await Command.run(
            "/usr/bin/env", ["man", "--warnings", "-l", Self.top + "/docs/milvus-backfill.1"],
            environment: ["MANWIDTH": "80", "LC_ALL": "C.UTF-8"])
        #expect(page.exitCode == 0 && page.errors.isEmpty, "\(page.errors)")
        #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    // MARK: Colours

    /// What a terminal gets of a run whose job file is missing.
    private func terminal(_ environment: [String: String]) async throws -> String {
        try await Command.run(
            "/usr/bin/env", ["script", "-qec", "\(TestEnvironment.binary()) run none.yaml", "/dev/null"],
            environment: environment
        ).output
    }

    @Test func onlyATerminalThatWantsThemGetsColours() async throws {
        let red = "\u{1B}[31mmilvus-backfill:\u{1B}[0m cannot read the job file"
        #expect(try await terminal(["TERM": "xterm", "NO_COLOR": ""]).contains(red))
        for environment in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb", "NO_COLOR": ""]] {
            let text = try await terminal(environment)
            #expect(text.contains("milvus-backfill: cannot read") && !text.contains("\u{1B}"), "\(text)")
        }
        let piped = try await backfill("run", "none.yaml", environment: ["TERM": "xterm", "NO_COLOR": ""])
        #expect(piped.errors.contains("milvus-backfill: cannot read") && !piped.errors.contains("\u{1B}"))
    }
}
