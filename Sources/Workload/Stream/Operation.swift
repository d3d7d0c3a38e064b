/// One operation of a lane's stream, encoded in one to three 64-bit words.
///
/// ```
/// first word, from bit 0 up                            further words
/// allocate     opcode 4 | variant 6 | slot 24 | size 30
/// free         opcode 4 | –       6 | slot 54
/// read, write  opcode 4 | –       6 | slot 54                            8 bytes at offset 0
/// accessSmall  opcode 4 | write 1 | bytes 3 | – 2 | slot 54              1...7 bytes at offset 0
/// allocateAs   opcode 4 | variant 6 | slot 24 | size 30                  any call and touch: look the variant up
/// allocateWide opcode 4 | variant 16 | slot 44          size             where a field above is too narrow
/// resize       opcode 4 | variant 16 | slot 44          old size, new size
/// handOver     opcode 4 | lane 16    | slot 44          size             the receiving lane frees it
/// scopeBegin   opcode 4 | scope 16
/// scopeEnd     opcode 4 | scope 16   | count 44         then `count` words `free`, youngest object first
/// mark         opcode 4                                 live bytes, peak live bytes since the last mark
/// mailbox, due, threadEnd: opcode 4
/// ```
/// `allocate` is the common case: call `malloc`, touch `first`, at least `leastPlainSize` bytes. Slots are dense numbers
/// of live objects, the one freed last is reused first; the lane keeps each object's address in a table indexed by slot.
public enum Opcode: UInt8, CaseIterable, Sendable {
  case allocate = 0
  case free = 1
  case read = 2
  case write = 3
  case allocateAs = 4
  case accessSmall = 5
  case resize = 6
  case scopeBegin = 7
  case scopeEnd = 8
  case handOver = 9
  /// Free what other lanes have sent.
  case mailbox = 10
  /// Wait until the phase's rate lets the next allocation start. Only the latency pass heeds it.
  case due = 11
  case mark = 12
  /// The lane's thread ends here and a successor goes on.
  case threadEnd = 13
  case allocateWide = 14

  /// Bits of a word that are 0 in `allocate` and `free` alone.
  public static let commonMask: UInt64 = 0xE
  /// Bits of a word that are 0 in those, `read` and `write`.
  public static let accessMask: UInt64 = 0xC

  /// Words that the operation takes, without the frees that follow a `scopeEnd`.
  @inlinable
  public var wordCount: Int {
    switch self {
    case .resize, .mark: 3
    case .allocateWide, .handOver: 2
    default: 1
    }
  }
}

/// How the fields of an operation's first word are packed.
public enum OperationLayout {
  public static let opcodeMask: UInt64 = 0xF
  public static let variantShift: UInt64 = 4
  public static let variantMask: UInt64 = 0x3F
  public static let slotShift: UInt64 = 10
  public static let slotMask: UInt64 = 0xFF_FFFF
  public static let sizeShift: UInt64 = 34
  public static let wideMask: UInt64 = 0xFFFF
  public static let wideShift: UInt64 = 20
  /// Largest values of `allocate` and `allocateAs`; what exceeds one of them is written as `allocateWide`.
  public static let largestVariant = 63
  public static let largestSlot: UInt64 = 0xFF_FFFF
  public static let largestSize: UInt64 = 0x3FFF_FFFF
  /// What `allocate` asks for at least, a word: touching it is one store.
  public static let leastPlainSize: UInt64 = 8
}

/// A decoded operation: what tests, dumps and the reference generator speak.
public enum Operation: Equatable, Sendable {
  case allocate(slot: UInt64, size: UInt64, variant: Int)
  case free(slot: UInt64)
  /// `bytes` = min(8, size), from offset 0.
  case access(slot: UInt64, bytes: Int, isWrite: Bool)
  case resize(slot: UInt64, from: UInt64, to: UInt64, variant: Int)
  case scopeBegin(Int)
  /// Followed by `count` operations `free`.
  case scopeEnd(Int, count: Int)
  case handOver(slot: UInt64, size: UInt64, lane: Int)
  case mailbox
  case due
  case mark(live: UInt64, peak: UInt64)
  case threadEnd

  /// Appends the operation's words.
  ///
  /// - Parameter variants: the workload's variants, to tell `allocate` from `allocateAs`.
  public func encode(into words: inout [UInt64], variants: [Variant]) {
    func wide(_ opcode: Opcode, _ field: Int, _ rest: UInt64) -> UInt64 {
      UInt64(opcode.rawValue) | UInt64(field) << OperationLayout.variantShift | rest << OperationLayout.wideShift
    }
    switch self {
    case .allocate(let slot, let size, let variant):
      guard
        slot <= OperationLayout.largestSlot, size <= OperationLayout.largestSize,
        variant <= OperationLayout.largestVariant
      else {
        words += [wide(.allocateWide, variant, slot), size]
        return
      }
      let opcode: Opcode = variants[variant].isPlain && size >= OperationLayout.leastPlainSize ? .allocate : .allocateAs
      words.append(
        UInt64(opcode.rawValue) | UInt64(variant) << OperationLayout.variantShift
          | slot << OperationLayout.slotShift | size << OperationLayout.sizeShift)
    case .free(let slot):
      words.append(UInt64(Opcode.free.rawValue) | slot << OperationLayout.slotShift)
    case .access(let slot, let bytes, let isWrite):
      if bytes == 8 {
        let opcode: Opcode = isWrite ? .write : .read
        words.append(UInt64(opcode.rawValue) | slot << OperationLayout.slotShift)
      } else {
        words.append(
          UInt64(Opcode.accessSmall.rawValue) | (isWrite ? 1 << 4 : 0) | UInt64(bytes) << 5
            | slot << OperationLayout.slotShift)
      }
    case .resize(let slot, let old, let new, let variant):
      words += [wide(.resize, variant, slot), old, new]
    case .scopeBegin(let scope): words.append(wide(.scopeBegin, scope, 0))
    case .scopeEnd(let scope, let count): words.append(wide(.scopeEnd, scope, UInt64(count)))
    case .handOver(let slot, let size, let lane): words += [wide(.handOver, lane, slot), size]
    case .mailbox: words.append(UInt64(Opcode.mailbox.rawValue))
    case .due: words.append(UInt64(Opcode.due.rawValue))
    case .mark(let live, let peak): words += [UInt64(Opcode.mark.rawValue), live, peak]
    case .threadEnd: words.append(UInt64(Opcode.threadEnd.rawValue))
    }
  }

  /// Decodes the operation that starts at `index` and moves `index` past it; nil if the words are not one.
  public static func decode(_ words: [UInt64], at index: inout Int) -> Operation? {
    let word = words[index]
    guard let opcode = Opcode(rawValue: UInt8(word & OperationLayout.opcodeMask)),
      index + opcode.wordCount <= words.count
    else { return nil }
    defer { index += opcode.wordCount }
    let field = Int(word >> OperationLayout.variantShift & OperationLayout.wideMask)
    let rest = word >> OperationLayout.wideShift
    let slot = word >> OperationLayout.slotShift
    switch opcode {
    case .allocate, .allocateAs:
      return .allocate(
        slot: slot & OperationLayout.slotMask, size: word >> OperationLayout.sizeShift,
        variant: Int(word >> OperationLayout.variantShift & OperationLayout.variantMask))
    case .allocateWide: return .allocate(slot: rest, size: words[index + 1], variant: field)
    case .free: return .free(slot: slot)
    case .read: return .access(slot: slot, bytes: 8, isWrite: false)
    case .write: return .access(slot: slot, bytes: 8, isWrite: true)
    case .accessSmall: return .access(slot: slot, bytes: Int(word >> 5 & 7), isWrite: word >> 4 & 1 == 1)
    case .resize: return .resize(slot: rest, from: words[index + 1], to: words[index + 2], variant: field)
    case .scopeBegin: return .scopeBegin(field)
    case .scopeEnd: return .scopeEnd(field, count: Int(rest))
    case .handOver: return .handOver(slot: rest, size: words[index + 1], lane: field)
    case .mailbox: return .mailbox
    case .due: return .due
    case .mark: return .mark(live: words[index + 1], peak: words[index + 2])
    case .threadEnd: return .threadEnd
    }
  }
}

/// A class together with one of its ways of asking: what an allocation needs to know beside its size.
public struct Variant: Equatable, Sendable {
  public var classIndex: Int
  public var call: Call
  public var touch: Touch
  /// The scope that ends the object, or nil.
  public var scope: Int?

  public init(classIndex: Int, call: Call, touch: Touch, scope: Int?) {
    self.classIndex = classIndex
    self.call = call
    self.touch = touch
    self.scope = scope
  }

  /// Whether the compact `allocate` stands for it.
  public var isPlain: Bool { call == .malloc && touch == .first }
}

extension WorkloadDescription {
  /// The variants in order: class by class, in each the ways of asking in the order of the file.
  public var variants: [Variant] {
    classes.indices.flatMap { index in
      let objects = classes[index]
      var scope: Int?
      if case .scope(let held) = objects.lifetime { scope = held }
      return objects.calls.map { Variant(classIndex: index, call: $0.call, touch: objects.touch, scope: scope) }
    }
  }
}
