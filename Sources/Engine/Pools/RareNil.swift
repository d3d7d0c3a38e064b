extension Optional where Wrapped: BitwiseCopyable {
  /// Whether there is nothing, which is rare: what is done then is laid out of the common path's way.
  ///
  /// Of a pointer, or of a struct of one: what the optimiser is told of an optional's cases it forgets, what it is told
  /// of a comparison of numbers it keeps.
  @inline(__always)
  var isRareNil: Bool { _slowPath(unsafeBitCast(self, to: UInt.self) == 0) }
}
