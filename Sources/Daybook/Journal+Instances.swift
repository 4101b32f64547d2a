import Domain
import Engine
import EventStore
import Events
import RawJSON

extension Journal {
  /// Authorizations with their configuration; the list leaves out what was deleted.
  public struct Instances: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .instances }

    /// Creates an instance from the JSON that `POST /instances` takes.
    ///
    /// An authorization code in it is exchanged last, because it can be used once; whatever is
    /// refused creates nothing, and what was granted for nothing is given back.
    ///
    /// - Throws: `refused` for a bad form, where the key is missing, and where the provider refuses
    ///   the code.
    public func create(_ json: String) async throws(DaybookError) -> CreatedInstance {
      try await create(Array(json.utf8))
    }

    /// The same from bytes.
    ///
    /// - Parameter key: Names the request, 1 to 255 visible characters of ASCII: repeated with the
    ///   same key, it answers the instance that it made the first time, its token too, and does
    ///   nothing; with another body it is refused. nil: each request makes an instance.
    public func create(
      _ body: [UInt8], key: String? = nil
    ) async throws(DaybookError) -> CreatedInstance {
      let access = journal.access
      return try await translated {
        let request = try key.map { key throws(Refusal) in
          Engine.Instances.RequestName(
            key: try RequestKey.create(key), digest: RequestKey.digest(of: body))
        }
        if let request, let made = try await access.created(by: request) { return made }
        let connector = access.settings.connector
        let form = try InstanceForm(
          body, rules: access.settings.engine.rules, connector: connector)
        return try await access.create(form, request: request) { grant throws(Refusal) in
          try Engine.Instances.check(grant, for: form, by: connector)
          return (form, [])
        }
      }
    }

    /// Prepares an authorization on this machine: all that can be checked before a person is asked.
    ///
    /// - Parameters:
    ///   - secret: The client’s.
    ///   - port: Of loopback, where the browser is waited for.
    /// - Throws: `refused` for what `create` would refuse.
    public func connect(
      _ form: ConnectForm, secret: String, port: Int
    ) async throws(DaybookError) -> Connecting {
      try await translated {
        try await journal.access.prepare()
        return try Connecting(form, secret: secret, port: port, in: journal.access)
      }
    }

    /// The instance as `GET /instances/{id}` answers it, its secrets as eight asterisks.
    ///
    /// - Throws: `refused` where there is no such instance.
    public func object(_ id: Int64) async throws(DaybookError) -> String {
      try await translated {
        let object = try await InstanceObject.read(InstanceID(id), from: journal.reader())
        return String(decoding: object.bytes(), as: UTF8.self)
      }
    }

    /// The same where it is not deleted.
    ///
    /// - Throws: `refused` where there is no such instance, and where it is deleted.
    public func present(_ id: Int64) async throws(DaybookError) -> String {
      try await translated {
        let row = try await InstanceObject.row(InstanceID(id), from: journal.reader())
        if row.isDeleted { throw Refusal(.deleted, "instance \(id) is deleted") }
        return String(decoding: InstanceObject.json(row).bytes(), as: UTF8.self)
      }
    }

    /// The key of the one kind of instances that there is.
    public static var element: String { "googlesuite" }
    /// The id of the same; the platform gives it another one in each of its regions.
    public static var elementID: Int { InstanceForm.elementID }

    /// Changes an instance as the body of `PATCH /instances/{id}` says; what it does not name
    /// stays.
    ///
    /// - Parameter reason: Recorded with it.
    /// - Returns: Whether anything is another than before.
    /// - Throws: `refused`, with the path of the first fault.
    @discardableResult
    public func update(
      _ id: Int64, _ body: [UInt8], reason: String? = nil
    ) async throws(DaybookError) -> Bool {
      let access = journal.access
      return try await translated {
        try await journal.working().instances.update(InstanceID(id), body, reason: reason) {
          await access.proofs(of: $0, $1, $2)
        }
      }
    }

    /// Lets an instance be polled again.
    ///
    /// - Throws: `refused` where there is no such instance, or it is deleted.
    public func enable(_ id: Int64, reason: String? = nil) async throws(DaybookError) {
      try await translated {
        try await journal.working().instances.enable(InstanceID(id), reason: reason)
      }
    }

    /// Stops its polls; pending deliveries go on.
    ///
    /// - Throws: `refused` where there is no such instance, or it is deleted.
    public func disable(_ id: Int64, reason: String? = nil) async throws(DaybookError) {
      try await translated {
        try await journal.working().instances.disable(InstanceID(id), reason: reason)
      }
    }

    /// Finds what a deletion would do, and does nothing.
    ///
    /// - Throws: `refused` where there is no such instance, or it is deleted.
    public func deletion(
      of id: Int64, keepsGrant: Bool = false
    ) async throws(DaybookError) -> DeletionPlan {
      try await translated {
        let plan = try await journal.working().instances.deletionPlan(
          of: InstanceID(id), keepsGrant: keepsGrant)
        let grant: DeletionPlan.Grant =
          switch plan.grant {
          case .untouched: keepsGrant ? .kept : .none
          case .revoked: .revoked
          case .open(let why): .open(why)
          }
        return DeletionPlan(
          name: plan.name, feeds: plan.feeds, pending: plan.pending, grant: grant)
      }
    }

    /// Ends an instance: its feeds close, its secrets go, its pending deliveries are skipped. Its
    /// history stays.
    ///
    /// Google is given its grant back, unless another instance uses the same client.
    ///
    /// - Parameter keepsGrant: Leaves the grant open, for another program that lives by it.
    /// - Returns: Why its grant may still be open, which a notice says as well; nil where it is
    ///   not, or was left so.
    /// - Throws: `refused` where there is no such instance, or it is deleted.
    @discardableResult
    public func delete(
      _ id: Int64, reason: String? = nil, keepsGrant: Bool = false
    ) async throws(DaybookError) -> String? {
      try await translated {
        let end = try await journal.working().delete(
          InstanceID(id), reason: reason, keepsGrant: keepsGrant)
        return if case .open(let why) = end { why } else { nil }
      }
    }
  }
}
