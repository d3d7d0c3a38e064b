import Foundation

/// Whether the dynamic loader will be able to preload a library, asked before anything is measured: it only warns of
/// one that it cannot take and goes on with glibc's `malloc`.
public enum PreloadCheck {
  /// Why the library at `path` cannot be preloaded into a worker, as a sentence with the remedy; nil if it can.
  ///
  /// - Parameter program: an executable of the architecture that the workers have.
  public static func fault(of path: String, program: String = "/proc/self/exe") -> String? {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return "there is no library \(path)"
    }
    if isFolder.boolValue { return "\(path) is a folder; name the library in it" }
    // What separates the entries of LD_PRELOAD (ld.so(8)); there is no way to quote them.
    if path.contains(where: { $0 == ":" || $0.isWhitespace }) {
      return "the loader cannot take a path with a colon or a blank, \(path); "
        + "give it another name: ln -s '\(path)' /tmp/\(plainName(path))"
    }
    guard let handle = FileHandle(forReadingAtPath: path) else { return "the library \(path) cannot be read" }
    defer { try? handle.close() }
    guard let header = Header(handle) else {
      return "\(path) is not a shared library (it has no ELF header); "
        + "if it is a linker script, name the library that it points to"
    }
    if header.kind != Header.sharedObject { return "\(path) is an ELF file but not a shared library" }
    if let own = FileHandle(forReadingAtPath: program).flatMap(Header.init), own.target != header.target {
      return "\(path) is for \(header.architecture), the workers are for \(own.architecture); "
        + "install the library's package for this architecture"
    }
    return nil
  }

  private static func plainName(_ path: String) -> String {
    let name = (path as NSString).lastPathComponent.filter { $0 != ":" && !$0.isWhitespace && $0 != "'" }
    return name.isEmpty ? "library.so" : name
  }

  /// The beginning of an ELF file (System V ABI, "ELF header").
  private struct Header {
    /// Class (32 or 64 bits), byte order and machine.
    var target: [UInt8]
    /// `e_type`.
    var kind: Int

    /// `ET_DYN`.
    static let sharedObject = 3

    init?(_ handle: FileHandle) {
      guard let data = try? handle.read(upToCount: 20), data.count == 20 else { return nil }
      let bytes = [UInt8](data)
      guard bytes[..<4] == [0x7F, 0x45, 0x4C, 0x46] else { return nil }
      let isLittle = bytes[5] == 1
      target = [bytes[4], bytes[5], bytes[18], bytes[19]]
      kind = isLittle ? Int(bytes[16]) | Int(bytes[17]) << 8 : Int(bytes[17]) | Int(bytes[16]) << 8
    }

    /// `e_machine` by name for what Swift runs on.
    var architecture: String {
      let machine = target[1] == 1 ? Int(target[2]) | Int(target[3]) << 8 : Int(target[3]) | Int(target[2]) << 8
      let bits = target[0] == 2 ? "64-bit" : "32-bit"
      let names = [3: "i386", 40: "arm", 62: "x86-64", 183: "arm64", 243: "RISC-V", 21: "PowerPC 64", 22: "s390"]
      return names[machine].map { "\($0) (\(bits))" } ?? "ELF machine \(machine) (\(bits))"
    }
  }
}
