import ArgumentParser
import BackfillCommands

@main
enum MilvusBackfill {
    static func main() async {
        await BackfillCommand.start()
    }
}
