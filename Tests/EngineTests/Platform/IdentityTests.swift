import CPlatform
import Foundation
import Testing

@Suite("Identity of functions")
struct IdentityTests {
  func owner(of function: UnsafeRawPointer?, size: Int = Int(PATH_MAX)) -> String? {
    var path = [CChar](repeating: 1, count: size)
    guard pb_owner_of(function, &path, path.count) else { return nil }
    return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test("A function of the C library belongs to the C library's file")
  func libraryFunction() throws {
    let function = try #require(dlsym(nil, "gnu_get_libc_version"))
    #expect(owner(of: function).map { URL(fileURLWithPath: $0).lastPathComponent } == "libc.so.6")
  }

  @Test("A function of the program belongs to the program's file")
  func programFunction() throws {
    let function: @convention(c) () -> UInt64 = pb_now_ns
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    #expect(owner(of: unsafeBitCast(function, to: UnsafeRawPointer.self)) == program)
  }

  @Test("What no file was mapped for belongs to none")
  func noOwner() throws {
    let memory = try #require(pb_map(pb_page_size(), true))
    defer { pb_unmap(memory, pb_page_size()) }
    #expect(owner(of: memory) == nil)
    #expect(owner(of: nil) == nil)
  }

  @Test("A path too long for its place is cut, not written past the end")
  func shortPlace() throws {
    let function = try #require(dlsym(nil, "gnu_get_libc_version"))
    let whole = try #require(owner(of: function))
    #expect(owner(of: function, size: 5) == String(whole.prefix(4)))
  }

  @Test("A build-id needs a place of its whole length")
  func buildIDPlace() throws {
    let function = try #require(dlsym(nil, "gnu_get_libc_version"))
    var text = [CChar](repeating: 1, count: 129)
    try #require(pb_build_id_of(function, &text, text.count))
    let length = text.firstIndex(of: 0)!
    #expect(length >= 16 && length % 2 == 0)
    #expect(!pb_build_id_of(function, &text, length))
    #expect(text[0] == 0)
  }
}
