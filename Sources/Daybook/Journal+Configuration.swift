import Domain
import EventStore
import Events
import RawJSON

extension Journal.Instances {
  /// The configuration of an instance, one JSON object a setting: those that the element knows, by
  /// their ids, then those that were given besides, by their names.
  ///
  ///     {"id":10,"key":"event.poller.refresh_interval","name":"Event poller refresh interval
  ///      (mins)","description":"","defaultValue":"15","propertyValue":"5","required":false,
  ///      "type":"TEXTFIELD_32","active":true,"internal":false,"displayOrder":10,…}
  ///
  /// `propertyValue` is a string or null, of a secret eight asterisks.
  ///
  /// - Throws: `refused` where there is no such instance.
  public func configuration(_ id: Int64) async throws(DaybookError) -> [String] {
    try await translated {
      try await rows(id).map { String(decoding: $0.json.bytes(), as: UTF8.self) }
    }
  }

  /// One setting of an instance by its row’s id or by its key.
  ///
  /// - Throws: `refused` where there is no such instance or setting.
  public func configuration(_ id: Int64, of setting: String) async throws(DaybookError) -> String {
    try await translated {
      String(decoding: try await row(id, setting).json.bytes(), as: UTF8.self)
    }
  }

  /// Changes one setting as the body of `PATCH …/configuration/{configId}` says: its
  /// `propertyValue`, which is checked as in `update`. The rest of the row may stand in it.
  ///
  /// - Returns: The row as it is then.
  /// - Throws: `refused` where there is no such instance or setting, for a value that cannot be,
  ///   and for a setting that Daybook itself keeps.
  public func configure(
    _ id: Int64, _ setting: String, _ body: [UInt8]
  ) async throws(DaybookError) -> String {
    try await translated {
      let key = try await row(id, setting).key
      let kept = [ConfigurationKey.subscription, ConfigurationKey.accessToken]
      guard !kept.contains(key.key) else {
        throw Refusal(at: "configuration.\(key.key)", "is set by Daybook itself")
      }
      let value = try Self.value(of: key, in: body)
      let change: JSON = ["configuration": .object(Members([(key.key, value)]))]
      try await update(id, change.bytes())
      // What nobody knows is gone where its value was taken away.
      let row = try await rows(id).first { $0.key.key == key.key }
      return String(
        decoding: (row ?? ConfigurationRow(key: key, value: nil)).json.bytes(), as: UTF8.self)
    }
  }

  private static func value(
    of key: ConfigurationKey, in body: [UInt8]
  ) throws(Refusal) -> JSON {
    guard body.count <= Limits.instanceBytesMax else {
      throw Refusal(
        .tooLarge, "the body has \(body.count) bytes; at most \(Limits.instanceBytesMax)")
    }
    guard let row = try? JSON.parse(body), row.members != nil else {
      throw Refusal(.invalid, "the body has to be a JSON object")
    }
    if let named = row["key"]?.text, named != key.key {
      throw Refusal(at: "key", "is \(named), and the row's is \(key.key)")
    }
    guard let value = row["propertyValue"] else { throw Refusal(at: "propertyValue", "is missing") }
    return value
  }

  private func row(_ id: Int64, _ setting: String) async throws -> ConfigurationRow {
    let rows = try await rows(id)
    guard let row = rows.first(where: { $0.key.key == setting || "\($0.key.id)" == setting }) else {
      throw Refusal(
        .notFound(.setting), "instance \(id) has no setting \(setting) in its configuration")
    }
    return row
  }

  private func rows(_ id: Int64) async throws -> [ConfigurationRow] {
    let instance = try await InstanceObject.row(InstanceID(id), from: journal.reader())
    let values = ConfigurationValues(instance)
    let known = ConfigurationKey.all.map { ConfigurationRow(key: $0, value: values[$0.key]) }
    let names = Set(ConfigurationKey.all.map(\.key))
    let others = values.names.filter { !names.contains($0) }.map { name in
      let isSecret = instance.settings.secrets.contains(name)
      return ConfigurationRow(
        key: ConfigurationKey(named: name, isSecret: isSecret), value: values[name])
    }
    return known + others
  }
}

/// A setting of one instance.
private struct ConfigurationRow {
  let key: ConfigurationKey
  /// As it is shown.
  let value: String?

  var json: JSON {
    [
      "id": .number(key.id), "key": .string(key.key), "name": .string(key.name),
      "description": "", "defaultValue": key.standard.map { .string($0) } ?? .null,
      "propertyValue": value.map { .string($0) } ?? .null, "resellerConfig": false,
      "companyConfig": false, "active": true, "internal": .bool(key.isInternal),
      "groupControl": false, "displayOrder": .number(key.id), "type": .string(key.type),
      "hideFromConsole": .bool(key.isInternal), "required": .bool(key.isRequired),
    ]
  }
}
