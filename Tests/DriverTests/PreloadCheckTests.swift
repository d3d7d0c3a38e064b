import Foundation
import TestSupport
import Testing

@testable import Driver

struct PreloadCheckTests {
  /// A file of twenty bytes that begins like an ELF file of a kind for a machine.
  private func elf(kind: UInt8, machine: UInt8, bits: UInt8 = 2) -> Data {
    Data([0x7F, 0x45, 0x4C, 0x46, bits, 1, 1] + [UInt8](repeating: 0, count: 9) + [kind, 0, machine, 0])
  }

  private func fault(_ name: String, _ contents: Data, program: Data? = nil) throws -> String? {
    try TemporaryFolder.with { folder in
      let file = folder.appending(path: name)
      try contents.write(to: file)
      let own = folder.appending(path: "program")
      try (program ?? elf(kind: 3, machine: 62)).write(to: own)
      return PreloadCheck.fault(of: file.path, program: own.path)
    }
  }

  @Test func `a library of the workers' architecture is taken`() throws {
    #expect(try fault("lib.so", elf(kind: 3, machine: 62)) == nil)
    #expect(try fault("lib.so", elf(kind: 3, machine: 183), program: elf(kind: 3, machine: 183)) == nil)
  }

  @Test func `one of another architecture is refused with both names`() throws {
    let other = try #require(try fault("lib.so", elf(kind: 3, machine: 183)))
    #expect(other.contains("is for arm64 (64-bit), the workers are for x86-64 (64-bit)"))
    let narrow = try #require(try fault("lib.so", elf(kind: 3, machine: 3, bits: 1)))
    #expect(narrow.contains("i386 (32-bit)"))
  }

  @Test func `what is no library is refused`() throws {
    #expect(try fault("lib.so", elf(kind: 2, machine: 62))?.contains("not a shared library") == true)
    #expect(try fault("lib.so", Data("INPUT(libx.so.1) -- a script".utf8))?.contains("linker script") == true)
    #expect(try fault("lib.so", Data())?.contains("no ELF header") == true)
  }

  @Test(arguments: ["two words.so", "a:b.so", "a\tb.so"])
  func `names that the loader would tear are refused with a remedy`(name: String) throws {
    let told = try #require(try fault(name, elf(kind: 3, machine: 62)))
    #expect(told.contains("ln -s '") && told.hasSuffix(".so"))
    let link = try #require(told.split(separator: " ").last)
    #expect(!link.contains(":"))
  }

  @Test func `a folder and nothing at all are told`() {
    #expect(PreloadCheck.fault(of: "/tmp")?.contains("is a folder") == true)
    #expect(PreloadCheck.fault(of: "/nonexistent/x.so") == "there is no library /nonexistent/x.so")
  }
}
