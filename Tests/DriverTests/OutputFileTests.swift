import Foundation
import Testing

@testable import Driver

struct OutputFileTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test func `a file is replaced whole, and nothing else is left in its folder`() throws {
    try inFolder { folder in
      let file = try OutputFile(path: folder + "/a.csv")
      try file.write("first, and long", isFinal: false)
      #expect(try String(contentsOfFile: folder + "/a.csv", encoding: .utf8) == "first, and long")
      try file.write("second", isFinal: true)
      #expect(try String(contentsOfFile: folder + "/a.csv", encoding: .utf8) == "second")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.csv"])
    }
  }

  @Test func `a link is written through and stays one`() throws {
    try inFolder { folder in
      try "old".write(toFile: folder + "/real", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/real")
      try OutputFile(path: folder + "/link").write("new", isFinal: true)
      #expect(try String(contentsOfFile: folder + "/real", encoding: .utf8) == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == folder + "/real")
    }
  }

  @Test func `what cannot be written is known before anything runs`() throws {
    try inFolder { folder in
      #expect(throws: OutputError.cannotWrite(folder + "/no/a.csv", "No such file or directory")) {
        try OutputFile(path: folder + "/no/a.csv")
      }
      #expect(throws: OutputError.cannotWrite(folder, "Is a directory")) { try OutputFile(path: folder) }
    }
  }

  @Test func `a full disk is told`() throws {
    let file = try OutputFile(path: "/dev/full")
    #expect(!file.takesIntermediate)
    try file.write("nothing yet", isFinal: false)
    #expect(throws: OutputError.cannotWrite("/dev/full", "No space left on device")) {
      try file.write("text", isFinal: true)
    }
  }

  @Test func `one file is one file however it is spelt`() {
    #expect(WorkloadLoading.areSame("results.csv", "./results.csv"))
    #expect(WorkloadLoading.areSame("/tmp/../tmp/a", "/tmp/a"))
    #expect(!WorkloadLoading.areSame("a", "b"))
  }
}
