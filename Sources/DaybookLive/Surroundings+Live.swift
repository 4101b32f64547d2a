public import Daybook
import Domain
import Engine
import Events

extension Surroundings {
  /// The machine’s clocks, the system’s chance, and HTTP by libcurl on a thread of its own.
  ///
  /// The thread ends with the last copy. Callbacks reach public addresses only, judged when
  /// connecting, and what is allowed here.
  ///
  /// - Parameter allowedCallbacks: CIDR blocks and host names, as in `BookkeeperOptions`.
  /// - Throws: `refused` for an entry that is neither.
  public static func live(
    allowedCallbacks: [String] = []
  ) throws(DaybookError) -> Surroundings {
    do {
      return Surroundings(
        World.live(rules: try AddressRules(list: allowedCallbacks.joined(separator: ","))))
    } catch {
      throw .refused(Refusal(at: "allowedCallbacks", "\(error)"))
    }
  }
}
