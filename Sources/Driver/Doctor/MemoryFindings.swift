/// What memory there is and how the kernel hands it out.
struct MemoryFindings {
  var files: SystemFiles

  var all: [Finding] { [hugePages, randomisation, available, swap] }

  var hugePages: Finding {
    let name = "huge pages"
    let path = "/sys/kernel/mm/transparent_hugepage/enabled"
    let mode = Machine.bracketed(files.text(path) ?? "")
    switch mode {
    case Machine.unknown: return .unknown(.memory, name)
    case "always":
      return Finding(
        .memory, name, found: mode, .notable,
        why: "resident memory grows in steps of 2 MiB and depends on when the kernel finds them",
        remedy: "echo madvise | sudo tee \(path)")
    default: return Finding(.memory, name, found: mode, .fine)
    }
  }

  var randomisation: Finding {
    let name = "ASLR"
    switch files.word("/proc/sys/kernel/randomize_va_space") {
    case "2": return Finding(.memory, name, found: "full", .fine)
    case nil: return .unknown(.memory, name)
    case let value:
      return Finding(
        .memory, name, found: value == "0" ? "off" : "partial", .notable,
        why: "every process gets the same layout, whose luck repetition cannot average out",
        remedy: "sudo sysctl kernel.randomize_va_space=2")
    }
  }

  /// Bytes under which there is hardly room for a worker beside its 64 MiB of stream, and under which large workloads
  /// do not fit.
  private static let (scarce, small) = (UInt64(256) << 20, UInt64(1) << 30)

  var available: Finding {
    let name = "available"
    guard let (bytes, isOfGroup) = SystemMemory.available(files) else { return .unknown(.memory, name) }
    let found = Units.bytes(Double(bytes)) + (isOfGroup ? " (of the control group)" : "")
    if bytes < Self.scarce {
      return Finding(
        .memory, name, found: found, .misleading,
        why: "a worker's stream and heap hardly fit: reclaim or the end of a worker is measured, not the subject")
    }
    return Finding(
      .memory, name, found: found, bytes < Self.small ? .notable : .fine,
      why: bytes < Self.small ? "large workloads may not fit" : "")
  }

  var swap: Finding {
    let name = "swap"
    guard let text = files.text("/proc/meminfo"), let total = SystemMemory.kibibytes("SwapTotal", in: text) else {
      return .unknown(.memory, name)
    }
    if total == 0 { return Finding(.memory, name, found: "none", .fine) }
    let used = total - min(total, SystemMemory.kibibytes("SwapFree", in: text) ?? total)
    let found = "\(Units.shortBytes(Double(total))), \(Units.shortBytes(Double(used))) used"
    return Finding(
      .memory, name, found: found, used > 0 ? .notable : .fine,
      why: used > 0 ? "pages of a worker may be swapped out, which resident memory does not show" : "",
      remedy: used > 0 ? "sudo swapoff -a" : nil)
  }
}
