/// The JSON of the platform’s own page, filled in.
///
/// Source: SAP Open Connectors, “Google Suite: Events”.
enum Seed {
  static func instance(code: String, callback: String, redirect: String) -> String {
    """
    {
      "element": {"key": "googlesuite"},
      "providerData": {"code": "\(code)"},
      "configuration": {
        "oauth.api.key": "sandbox-client",
        "oauth.api.secret": "sandbox-secret",
        "oauth.callback.url": "\(redirect)",
        "event.notification.enabled": true,
        "event.notification.callback.url": "\(callback)",
        "event.notification.signature.key": "an-example-signature-key",
        "event.poller.refresh_interval": "15",
        "event.poller.configuration": {
          "calendars/{calendarId}/changed-events": {
            "url": "/hubs/general/calendars/{calendarId}/changed-events",
            "idField": "",
            "datesConfiguration": \(dates("updated", "created"))
          },
          "calendars/primary/changed-events": {
            "url": "/hubs/general/calendars/primary/changed-events",
            "idField": "",
            "datesConfiguration": \(dates("updated", "created"))
          },
          "changed-groups": {
            "url": "/hubs/general/changed-groups",
            "idField": "id",
            "datesConfiguration": \(dates("metadata.updateTime", "metadata.updateTime"))
          },
          "changed-messages": {"url": "/hubs/general/changed-messages", "idField": "id"}
        }
      },
      "tags": ["Docs"],
      "name": "API Instance with Polling"
    }

    """
  }

  private static func dates(_ updated: String, _ created: String) -> String {
    let format = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
    return """
      {"updatedDateField": "\(updated)", "updatedDateFormat": "\(format)", \
      "updatedDateTimezone": "GMT", "createdDateField": "\(created)", \
      "createdDateFormat": "\(format)", "createdDateTimezone": "GMT"}
      """
  }
}
