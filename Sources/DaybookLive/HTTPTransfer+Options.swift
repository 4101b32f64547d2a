import CCurl
import Domain
import Events

extension HTTPTransfer {
  /// Sets every option of the exchange on a handle that is new or reset.
  ///
  /// - Returns: `CURLE_OK`, or the first thing that libcurl did not take.
  func configure() -> CURLcode {
    let option = Options(easy)
    setRoute(option)
    setMessage(option)
    setTrust(option)
    setTimes(option)
    option.check(setCallbacks())
    return option.code
  }

  /// Nothing but the URL says where to go: no proxy, redirect, other protocol or password file.
  private func setRoute(_ option: Options) {
    option.text(CURLOPT_URL, origin.url)
    option.text(CURLOPT_PROTOCOLS_STR, "http,https")
    option.text(CURLOPT_PROXY, "")
    option.text(CURLOPT_NOPROXY, "*")
    option.long(CURLOPT_FOLLOWLOCATION, 0)
    option.long(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    option.long(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    option.long(CURLOPT_TCP_NODELAY, 1)
    if !job.names.isEmpty { option.list(CURLOPT_RESOLVE, list(job.names)) }
  }

  private func setMessage(_ option: Options) {
    option.list(CURLOPT_HTTPHEADER, list(headerLines()))
    switch job.request.method {
    case .get:
      option.long(CURLOPT_HTTPGET, 1)
      option.text(CURLOPT_ACCEPT_ENCODING, "gzip")
    case .post:
      option.long(CURLOPT_POST, 1)
      option.body(job.request.body)
    }
  }

  /// The request’s headers, and the ones that libcurl would add left out: `Name:` drops its own,
  /// `Name;` sends one without value.
  private func headerLines() -> [String] {
    let given = job.request.headers
    let dropped = ["accept", "content-type", "expect"].filter { name in
      !given.contains { $0.isNamed(name) }
    }
    return given.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
      + dropped.map { "\($0):" }
  }

  /// Beside an extra file the system’s authorities stay trusted: they are read from the folder that
  /// libcurl was built with.
  private func setTrust(_ option: Options) {
    option.long(CURLOPT_SSL_VERIFYPEER, 1)
    option.long(CURLOPT_SSL_VERIFYHOST, 2)
    option.long(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    option.check(ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    if job.request.reach == .callback { setClient(option) }
    guard let file = settings.files.authorities else { return }
    option.text(CURLOPT_CAINFO, file)
    if let folder = ccurl_version().pointee.capath {
      option.text(CURLOPT_CAPATH, String(cString: folder))
    }
  }

  private func setClient(_ option: Options) {
    guard let certificate = settings.files.certificate else { return }
    option.text(CURLOPT_SSLCERT, certificate)
    option.text(CURLOPT_SSLKEY, settings.files.key ?? certificate)
    // Else a key with a passphrase would have it asked for at the terminal.
    option.text(CURLOPT_KEYPASSWD, "")
  }

  private func setTimes(_ option: Options) {
    option.long(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(bounds.connect))
    option.long(CURLOPT_TIMEOUT_MS, milliseconds(bounds.total))
    option.long(CURLOPT_NOSIGNAL, 1)
    // Else an exchange that ends during a look-up would hold up all others until it is answered.
    option.long(CURLOPT_QUICK_EXIT, 1)
  }

  /// At least one, since 0 would mean libcurl’s own default.
  private func milliseconds(_ duration: Duration) -> Int {
    Int(min(max(duration.wholeMilliseconds, 1), Int64(Int32.max)))
  }
}

/// Sets options and remembers the first that was not taken.
private final class Options {
  let easy: UnsafeMutableRawPointer
  private(set) var code = CURLE_OK

  init(_ easy: UnsafeMutableRawPointer) {
    self.easy = easy
  }

  func check(_ next: CURLcode) {
    if code == CURLE_OK { code = next }
  }

  func long(_ name: CURLoption, _ value: Int) {
    check(ccurl_set_long(easy, name, value))
  }

  func text(_ name: CURLoption, _ value: String) {
    check(ccurl_set_text(easy, name, value))
  }

  func list(_ name: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) {
    check(ccurl_set_list(easy, name, value))
  }

  func body(_ bytes: [UInt8]) {
    // An empty array may have no address, and without one libcurl would wait to be fed.
    let code =
      bytes.isEmpty
      ? ccurl_set_body(easy, "", 0)
      : bytes.withUnsafeBytes { ccurl_set_body(easy, $0.baseAddress, curl_off_t($0.count)) }
    check(code)
  }
}
