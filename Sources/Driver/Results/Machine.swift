import Foundation

/// The environment of a result: what must be alike before two results are compared.
public struct Machine: Equatable, Sendable, Decodable {
  public var processor: String
  /// Online processors.
  public var cores: Int
  public var memoryBytes: UInt64
  public var kernel: String
  public var architecture: String
  public var libc: String
  /// The mode in brackets of `/sys/kernel/mm/transparent_hugepage/enabled`.
  public var hugePages: String
  /// Of the first processor.
  public var governor: String
  /// Whether addresses are randomised.
  public var addressRandomisation: String
  /// One-minute load average before the first run.
  public var load: String
  /// The tightest limits of the control group and those above it, as `memory.max=…`; none that is unlimited.
  public var groupLimits: [String]

  /// As the result file names them, but for the underscores.
  enum CodingKeys: String, CodingKey {
    case processor, cores, memoryBytes, kernel, architecture, libc, governor, addressRandomisation, load
    case hugePages = "transparentHugePages"
    case groupLimits = "cgroupLimits"
  }

  /// What could not be found out.
  public static let unknown = "n/a"

  public init(
    processor: String, cores: Int, memoryBytes: UInt64, kernel: String, architecture: String, libc: String,
    hugePages: String, governor: String, addressRandomisation: String, load: String, groupLimits: [String]
  ) {
    self.processor = processor
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.kernel = kernel
    self.architecture = architecture
    self.libc = libc
    self.hugePages = hugePages
    self.governor = governor
    self.addressRandomisation = addressRandomisation
    self.load = load
    self.groupLimits = groupLimits
  }

  /// The machine that this process runs on.
  public static func current() -> Machine {
    var names = utsname()
    _ = unsafe uname(&names)
    let randomisation = ["0": "off", "1": "partial", "2": "full"]
    return Machine(
      processor: processorName(readSmallFile("/proc/cpuinfo") ?? ""),
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: SystemMemory.installed(),
      kernel: "Linux " + text(of: names.release),
      architecture: text(of: names.machine),
      libc: libcName(),
      hugePages: bracketed(readSmallFile("/sys/kernel/mm/transparent_hugepage/enabled") ?? ""),
      governor: word(in: "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      addressRandomisation: readSmallFile("/proc/sys/kernel/randomize_va_space").flatMap {
        randomisation[$0.trimmingCharacters(in: .whitespacesAndNewlines)]
      } ?? unknown,
      load: readSmallFile("/proc/loadavg")?.split(separator: " ").first.map(String.init) ?? unknown,
      groupLimits: ControlGroupFiles(files: SystemFiles()).limits)
  }

  /// `model name` of x86, else the nearest that other architectures give.
  static func processorName(_ text: String) -> String {
    for key in ["model name", "Model", "Processor", "CPU part"] {
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key {
          return parts[1].trimmingCharacters(in: .whitespaces)
        }
      }
    }
    return unknown
  }

  /// The chosen one of `always [madvise] never`.
  static func bracketed(_ text: String) -> String {
    guard let open = text.firstIndex(of: "["), let close = text.firstIndex(of: "]"), open < close else {
      return unknown
    }
    return String(text[text.index(after: open)..<close])
  }

  private static func libcName() -> String {
    var characters = [CChar](repeating: 0, count: 64)
    let count = unsafe confstr(Int32(_CS_GNU_LIBC_VERSION), &characters, characters.count)
    return count > 1
      ? String(decoding: characters.prefix(count - 1).map { UInt8(bitPattern: $0) }, as: UTF8.self) : unknown
  }

  private static func word(in path: String) -> String {
    readSmallFile(path).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? unknown
  }

  /// A C array of characters, which Swift sees as a tuple.
  private static func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
