import Checkpoints
import TestSupport
import Testing

@Suite struct NewFileTests {
    @Test func writesAFileForItsOwnerAlone() throws {
        try withTemporaryFolder { folder throws in
            #expect(try NewFile.write([1, 2], to: folder + "/new"))
            #expect(try contents(of: folder + "/new") == [1, 2])
            #expect(try permissions(of: folder + "/new") == 0o600)
        }
    }

    @Test func leavesWhatIsThere() throws {
        try withTemporaryFolder { folder throws in
            #expect(try NewFile.write([1], to: folder + "/file"))
            #expect(try !NewFile.write([2], to: folder + "/file"))
            #expect(try contents(of: folder + "/file") == [1])
        }
    }

    @Test func aMissingFolderIsNamed() throws {
        try withTemporaryFolder { folder throws in
            _ = #expect(throws: CheckpointError.self) { try NewFile.write([1], to: folder + "/none/file") }
        }
    }
}
