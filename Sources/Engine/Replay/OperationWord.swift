import Workload

/// The fields of an operation's first word, as `OperationLayout` places them. Which of them it has goes by its opcode.
struct OperationWord {
  let bits: UInt64

  @inline(__always)
  init(_ bits: UInt64) { self.bits = bits }

  /// nil if the word is no operation.
  @inline(__always)
  var opcode: Opcode? { Opcode(rawValue: UInt8(truncatingIfNeeded: bits & OperationLayout.opcodeMask)) }

  /// Whether it is `allocate` or `free`.
  @inline(__always)
  var isCommon: Bool { bits & Opcode.commonMask == 0 }

  /// Of a common one: whether it is `free`.
  @inline(__always)
  var isFree: Bool { bits & UInt64(Opcode.free.rawValue) != 0 }

  /// Of one that is not common: whether it is `read` or `write`.
  @inline(__always)
  var isAccess: Bool { bits & Opcode.accessMask == 0 }

  /// Of `read` and `write`.
  @inline(__always)
  var isWrite: Bool { bits & 1 == 1 }

  // MARK: allocate, allocateAs

  @inline(__always)
  var size: Int { Int(truncatingIfNeeded: bits &>> OperationLayout.sizeShift) }

  @inline(__always)
  var variant: Int { Int(truncatingIfNeeded: bits &>> OperationLayout.variantShift & OperationLayout.variantMask) }

  @inline(__always)
  var allocatedSlot: Int { Int(truncatingIfNeeded: bits &>> OperationLayout.slotShift & OperationLayout.slotMask) }

  // MARK: free, read, write, accessSmall

  @inline(__always)
  var slot: Int { Int(truncatingIfNeeded: bits &>> OperationLayout.slotShift) }

  @inline(__always)
  var smallIsWrite: Bool { bits &>> 4 & 1 == 1 }

  @inline(__always)
  var smallBytes: Int { Int(truncatingIfNeeded: bits &>> 5 & 7) }

  // MARK: allocateWide, resize, handOver, scopeBegin, scopeEnd

  @inline(__always)
  var wideField: Int { Int(truncatingIfNeeded: bits &>> OperationLayout.variantShift & OperationLayout.wideMask) }

  /// A slot, or how many words `free` follow a `scopeEnd`.
  @inline(__always)
  var wideIndex: Int { Int(truncatingIfNeeded: bits &>> OperationLayout.wideShift) }
}
