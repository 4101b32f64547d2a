import Domain
package import Engine
public import Events

/// Everything outside as a value: time, chance, network. The library calls nothing else.
///
/// `import DaybookLive` offers `World.live()`; a test or a simulation makes up its own:
///
///     let made = World(
///       now: { clock.now }, uptime: { clock.uptime }, sleep: { clock.advance(by: $0) },
///       chance: { dice.next() }, exchange: { exchange in server.answer(exchange.request) })
public struct World: Sendable {
  package let engine: Engine.World

  /// - Parameters:
  ///   - now: The wall clock. It may jump; a jump of 30 s or more becomes `clock.stepped`.
  ///   - uptime: A clock that never jumps, from any start.
  ///   - sleep: Waits; ends early when the task is cancelled.
  ///   - chance: 64 random bits. Keys and tokens are drawn from it: outside tests it has to be fit
  ///     for cryptography.
  ///   - exchange: Carries one request out. It follows no redirect, sends a `POST` once at most,
  ///     keeps to the request’s bounds and answers a failure as a value. It runs in a task of its
  ///     own: who cancels `run` waits for what was begun.
  public init(
    now: @escaping @Sendable () -> Moment, uptime: @escaping @Sendable () -> Duration,
    sleep: @escaping @Sendable (Duration) async -> Void,
    chance: @escaping @Sendable () -> UInt64,
    exchange: @escaping @Sendable (HTTPExchange) async -> Result<HTTPReply, HTTPFailure>
  ) {
    engine = Engine.World(
      now: now, uptime: uptime, sleep: sleep, chance: chance,
      perform: { request in
        let order: HTTPExchange
        do throws(HTTPFailure) {
          order = try HTTPExchange(request)
        } catch {
          return .failed(error.domain)
        }
        // What was sent has an outcome, which is not lost because somebody stops meanwhile.
        let exchanged = Task { await exchange(order) }
        return switch await exchanged.value {
        case .success(let reply): .reply(reply.domain)
        case .failure(let failure): .failed(failure.domain)
        }
      })
  }

  package init(_ engine: Engine.World) { self.engine = engine }

  /// The wall clock.
  public func now() -> Moment { engine.now() }

  /// Waits; ends early when the task is cancelled.
  public func sleep(_ duration: Duration) async { await engine.sleep(duration) }

  /// Ends what is under way: whether it arrived is not known then.
  public func cut() { engine.cut() }
}
