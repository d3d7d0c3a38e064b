/// For pools with one instance a lane and scope: the instances' states, and for each variant which of them it is of.
///
/// ```
/// a lane's memory
///  0                     for each variant the distance of its state from the lane's memory, 4 bytes
///  rounded up to 128     state of scope 0 | of scope 1 | … | the lane's own, `stride` bytes each
/// ```
/// The lane's own state is that of the variants without a scope; pools that cannot serve those are not built for them.
struct ScopedStates<State: BitwiseCopyable>: ~Copyable {
  /// Multiple of a cache line's pair, so that lanes share none.
  static var stride: Int { SystemMemory.rounded(MemoryLayout<State>.size, to: 128) }

  private let base: UnsafeMutableRawPointer
  private let bytes: Int
  private let laneBytes: Int
  private let tableBytes: Int
  let lanes: Int
  let scopes: Int

  /// - Parameter makeState: the state of a lane's scope, `scopes` for the lane's own. It is not moved afterwards.
  /// - Throws: `PoolError.outOfMemory`.
  init(
    _ configuration: PoolConfiguration, makeState: (_ lane: Int, _ scope: Int) -> State
  ) throws(PoolError) {
    let table = configuration.scopeOfVariant
    let tableBytes = SystemMemory.rounded(table.count * 4, to: 128)
    let laneBytes = tableBytes + (configuration.scopes + 1) * Self.stride
    let bytes = configuration.lanes * laneBytes
    guard let base = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.base = base
    self.bytes = bytes
    self.laneBytes = laneBytes
    self.tableBytes = tableBytes
    lanes = configuration.lanes
    scopes = configuration.scopes
    for index in 0..<lanes {
      let lane = ScopedLane<State>(base: base + index * laneBytes, states: base + index * laneBytes + tableBytes)
      for (variant, scope) in table.enumerated() {
        precondition(scope < scopes, "a variant of a scope that is not there")
        let distance = tableBytes + (scope < 0 ? scopes : Int(scope)) * Self.stride
        lane.base.storeBytes(of: Int32(distance), toByteOffset: variant * 4, as: Int32.self)
      }
      for scope in 0...scopes { lane[scope].initialize(to: makeState(index, scope)) }
    }
  }

  /// Unmaps the states; what they refer to has to be given back before.
  deinit { SystemMemory.unmap(base, bytes) }

  borrowing func lane(_ index: Int) -> ScopedLane<State> {
    ScopedLane(base: base + index * laneBytes, states: base + index * laneBytes + tableBytes)
  }
}

/// One lane's states.
struct ScopedLane<State: BitwiseCopyable>: BitwiseCopyable {
  fileprivate let base: UnsafeMutableRawPointer
  private let states: UnsafeMutableRawPointer

  fileprivate init(base: UnsafeMutableRawPointer, states: UnsafeMutableRawPointer) {
    self.base = base
    self.states = states
  }

  /// The state of a scope.
  @inline(__always)
  subscript(scope: Int) -> UnsafeMutablePointer<State> {
    (states + scope &* ScopedStates<State>.stride).assumingMemoryBound(to: State.self)
  }

  /// The state that a variant's objects belong to.
  @inline(__always)
  func state(ofVariant variant: Int) -> UnsafeMutablePointer<State> {
    (base + Int(base.load(fromByteOffset: variant &* 4, as: Int32.self))).assumingMemoryBound(to: State.self)
  }
}
