import Foundation
import Glibc

/// Pages of many instances, one after the other from the first to the last: what each takes, and
/// what memory the server has meanwhile.
struct Pages {
  static let instances = 10_000
  static let pageSize = 200
  /// The first walk fills caches; the others tell if more is taken the further it goes.
  private static let walks = 4

  let server: ServedProcess

  /// One row of a table.
  static func measure(_ server: ServedProcess) throws -> String {
    let pages = Pages(server: server)
    try pages.fill()
    let first = try pages.walk()
    var times: [Double] = []
    let processor = server.processorTime
    var resident = [first.residentKiB]
    for _ in 1..<walks {
      let walk = try pages.walk()
      times += walk.times
      resident.append(walk.residentKiB)
    }
    let spent = (server.processorTime - processor) / Double(times.count) * 1_000
    times.sort()
    let memory = resident.map { String(format: "%.1f", Double($0) / 1_024) }
      .joined(separator: ", ")
    return String(
      format: "| %d instances, %d a page | %.1f ms | %.1f ms | %.1f ms | %@ MB |", instances,
      pageSize, times[times.count / 2] * 1_000, times[times.count * 99 / 100] * 1_000, spent,
      memory)
  }

  /// Instances that nobody polls: what is measured is how they are listed.
  private func fill() throws {
    let body = """
      {"element":{"key":"googlesuite"},"externalAuthentication":"initial","name":"Team",\
      "tags":["Docs"],"configuration":{"oauth.api.key":"client","oauth.api.secret":"secret",\
      "oauth.user.refresh_token":"1//token","event.notification.enabled":false}}
      """
    var client = try Client(port: server.port)
    defer { close(client.descriptor) }
    for _ in 0..<Pages.instances {
      client.ask(
        server.request(
          "POST", "/elements/api-v2/instances", more: "Content-Length: \(body.utf8.count)\r\n")
          + body.utf8)
      while try client.answer(to: "POST instances") == nil {}
    }
  }

  private func walk() throws -> (times: [Double], residentKiB: Int) {
    var client = try Client(port: server.port)
    defer { close(client.descriptor) }
    var times: [Double] = []
    var next = ""
    repeat {
      let path = "/elements/api-v2/instances?pageSize=\(Pages.pageSize)&nextPage=\(next)"
      client.ask(server.request("GET", path))
      var time: Double?
      while time == nil { time = try client.answer(to: path) }
      times.append(time ?? 0)
      next = client.field("elements-next-page-token") ?? ""
    } while !next.isEmpty
    guard times.count == Pages.instances / Pages.pageSize else {
      throw ServeBenchFailure("there were \(times.count) pages")
    }
    return (times, server.residentKiB)
  }
}
