# Daybook: build, try, check and measure.
#
#   make demo       install what is missing, build, and watch it work on this machine
#   make build      the executable, .build/release/daybook
#   make install    the executable, the manual and the shells' completions, below PREFIX
#   make test       everything a change has to pass; what CI runs
#   make core       the library alone, which needs SQLite and zlib
#   make bench      how fast the log is, beside plain C where the C programs are there
#   make help       every target
#
# Debian and its relatives: `make tools` installs the C libraries. Elsewhere install the development
# files of SQLite 3, zlib, libedit and libcurl by hand, and a Swift toolchain of 6.2 or later.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := build

SWIFT ?= swift
DAYBOOK := .build/release/daybook
SOURCES := Sources Tests Journal Package.swift
# One way to build all that is optimised: with other flags everything would be compiled anew.
RELEASE = $(SWIFT) build --configuration release --static-swift-stdlib
LIBRARIES := libsqlite3-dev zlib1g-dev libedit-dev libcurl4-openssl-dev pkg-config
# What the tests ask besides.
TESTERS := sqlite3 openssl curl gcc libc6-dev nginx-light python3-minimal

# Where C programs that measure the limits of this machine stand, if anywhere; what `bench` reads.
LIMITS ?= ../shared/limits
EVENTS ?= 1000000
ROUNDS ?= 5
# How many instances poll once a minute in `bench`.
INSTANCES ?= 10000
# How many deliveries wait in `bench`.
WAITING ?= 300,10000,100000
# The same beside which commands are measured.
BACKLOG ?= 1000,30000,1000000
# How many changes arrive in `soak`.
CHANGES ?= 100000
# How many worlds `soak` draws.
SEEDS ?= 1000
# How many requests of each kind `soak` makes of each route of the HTTP API.
EXAMPLES ?= 100
# How long `soak` sends to a receiver with faults, in seconds.
SOAK_SECONDS ?= 1200

# Where `install` puts things; DESTDIR stands before it where a package is made.
PREFIX ?= /usr/local
DESTDIR ?=
# What `install` installs.
BINARY ?= $(DAYBOOK)

.PHONY: help tools testers toolchain build install uninstall demo docs check test tested python mirrors core bench tsan asan soak format clean

help: ## Prints the targets.
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name text; do
	  printf '  make %-10s %s\n' "$$name" "$$text"
	done

tools: ## Installs the C libraries that are missing, and looks for the Swift toolchain.
tools: NEEDED = $(LIBRARIES)
testers: ## Installs the programs that the tests ask.
testers: NEEDED = $(TESTERS)

tools testers: toolchain
	@missing=()
	for library in $(NEEDED); do
	  dpkg-query --show --showformat='$${Status}' "$$library" 2>/dev/null | grep -q 'ok installed' \
	    || missing+=("$$library")
	done
	[ $${#missing[@]} -eq 0 ] && exit 0
	if ! command -v apt-get >/dev/null; then
	  # Without apt there is no telling what is installed, but pkg-config and the shell may know.
	  if [ $@ = tools ]; then
	    pkg-config --exists sqlite3 zlib libedit libcurl 2>/dev/null && exit 0
	    echo "This system has no apt-get. Install the development files of SQLite 3, zlib, libedit" >&2
	    echo "and libcurl, and pkg-config, then run make again." >&2
	  else
	    command -v sqlite3 openssl curl cc >/dev/null && exit 0
	    echo "This system has no apt-get. The tests need sqlite3, openssl, curl and a C compiler." >&2
	  fi
	  exit 1
	fi
	root=()
	[ "$$(id -u)" -eq 0 ] || root=(sudo)
	echo "Installing $${missing[*]}"
	install=("$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 \
	  --no-install-recommends "$${missing[@]}")
	# The lists of packages may be old or absent: fetch them only when it does not work without.
	"$${install[@]}" 2>/dev/null >/dev/null || {
	  "$${root[@]}" apt-get update --quiet=2
	  "$${install[@]}" >/dev/null
	}

toolchain:
	@version=$$({ $(SWIFT) --version 2>/dev/null || true; } \
	  | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p')
	if [ -z "$$version" ] || [ "$$(printf '6.2\n%s\n' "$$version" | sort -V | head -n 1)" != 6.2 ]; then
	  echo "Daybook needs a Swift toolchain of 6.2 or later; found: $${version:-none}." >&2
	  echo "https://www.swift.org/install says how to get one." >&2
	  exit 1
	fi

build: ## Builds the executable, optimised; it runs on machines without Swift.
	@$(RELEASE) --product daybook

$(DAYBOOK):
	@$(MAKE) build

SHARE = $(DESTDIR)$(PREFIX)/share
PLACES = $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/bash-completion/completions \
  $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d

install: $(BINARY) ## Installs executable, manual and completions below PREFIX.
	@install -d $(PLACES)
	install -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/daybook
	$(BINARY) manual $(SHARE)/man/man1
	$(BINARY) completions bash > $(SHARE)/bash-completion/completions/daybook
	$(BINARY) completions zsh > $(SHARE)/zsh/site-functions/_daybook
	$(BINARY) completions fish > $(SHARE)/fish/vendor_completions.d/daybook.fish

uninstall: ## Removes what `install` installed.
	@rm -f $(DESTDIR)$(PREFIX)/bin/daybook $(SHARE)/man/man1/daybook.1 $(SHARE)/man/man1/daybook-*.1 \
	  $(SHARE)/bash-completion/completions/daybook $(SHARE)/zsh/site-functions/_daybook \
	  $(SHARE)/fish/vendor_completions.d/daybook.fish

demo: tools build ## Builds and runs the demonstration; on a terminal the REPL stays open.
	@if [ -t 0 ] && [ -t 1 ]; then
	  exec $(DAYBOOK) demo
	else
	  exec $(DAYBOOK) demo --no-repl
	fi

docs: ## Writes what the docs have of commands and settings anew.
	@DAYBOOK_WRITE_DOCS=1 $(SWIFT) test --filter 'PagesTests|ResourceTests|TourTests'

check: ## Refuses what the formatter would change or does not allow.
	@$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

# The tests are built for debugging: an optimised build of them makes the compiler of Swift 6.3 crash now
# and then. What they try from outside is the optimised executable.
# A part that has not ended after twenty minutes hangs, and is ended with status 124.
TESTED := DAYBOOK_BINARY=$(CURDIR)/$(DAYBOOK) timeout --verbose 20m $(SWIFT) test
# How many processes `test` kills at a system call.
KILLS ?= 200

test: tools testers check build tested python ## Checks, builds and tests everything.

tested: tools testers check build
	@$(SWIFT) build --build-tests
	$(TESTED) --skip-build --skip 'SimulationTests|CommandTests'
	$(TESTED) --skip-build --filter SimulationTests
	DAYBOOK_KILLS=$(KILLS) $(TESTED) --skip-build --filter CommandTests

# Google's own Python client against the sandbox. It comes from PyPI; without it this is left out.
python: tested build
	@if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
	  root=()
	  [ "$$(id -u)" -eq 0 ] || root=(sudo)
	  install=("$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 \
	    --no-install-recommends python3-venv)
	  "$${install[@]}" >/dev/null 2>&1 \
	    || { "$${root[@]}" apt-get update --quiet=2 && "$${install[@]}" >/dev/null; } || {
	    echo "Skipped: the Python client against the sandbox; python3-venv could not be installed."
	    exit 0
	  }
	fi
	wanted=Tests/Python/requirements.txt
	environment=.build/python
	if [ "$$(cat $$environment/installed 2>/dev/null)" != "$$(cksum < $$wanted)" ]; then
	  if ! { python3 -m venv "$$environment" \
	    && "$$environment/bin/pip" download --quiet --disable-pip-version-check --no-deps \
	      --dest "$$environment/reached" --requirement "$$wanted"; } 2>/dev/null; then
	    echo "Skipped: the Python client against the sandbox; PyPI cannot be reached."
	    exit 0
	  fi
	fi
	Tests/Python/run.sh $(DAYBOOK) sandbox --port 0
	Tests/Python/http_api.sh $(DAYBOOK)

core: ## Builds and tests the library alone, with SQLite and zlib.
	@DAYBOOK_CORE=1 $(SWIFT) build --build-tests --scratch-path .build-core
	DAYBOOK_CORE=1 $(SWIFT) test --skip-build --scratch-path .build-core

bench: ## Measures the log: EVENTS=100000 ROUNDS=3 for a quick pass.
	@mkdir -p .build/bench
	for product in Bench PollBench DeliverBench ServeBench; do $(RELEASE) --product $$product; done
	[ -x $(DAYBOOK) ] || $(RELEASE) --product daybook
	limits=()
	[ -d "$(LIMITS)" ] && limits=(--limits "$$(cd "$(LIMITS)" && pwd)")
	.build/release/Bench --events $(EVENTS) --rounds $(ROUNDS) --daybook $(DAYBOOK) "$${limits[@]}"
	.build/release/PollBench --instances $(INSTANCES) --daybook $(DAYBOOK)
	.build/release/DeliverBench --waiting $(WAITING) --daybook $(DAYBOOK)
	for bad in --dead --hanging; do
	  .build/release/DeliverBench --waiting 20000 $$bad 100000 --daybook $(DAYBOOK)
	done
	.build/release/DeliverBench --waiting 20000 --daybook $(DAYBOOK)
	.build/release/DeliverBench --backlog --waiting $(BACKLOG) --daybook $(DAYBOOK)
	.build/release/ServeBench --rounds $(ROUNDS) --daybook $(DAYBOOK)

# What is loaded into the tests tells the sanitizer where Swift's mutexes are waited for. Whatever
# it then reports ends a process with status 66 and fails its test. Killed processes report nothing.
TSAN := .build-tsan

tsan: tools testers ## Tests with the thread sanitizer, in fewer worlds.
	@$(SWIFT) build --build-tests --sanitize thread --scratch-path $(TSAN)
	clang="$$(dirname "$$(readlink -f "$$(command -v $(SWIFT))")")/clang"
	[ -x "$$clang" ] || clang=clang
	"$$clang" -O1 -shared -fPIC -o $(TSAN)/mutex.so Tests/Sanitizer/mutex.c
	export LD_PRELOAD=$(CURDIR)/$(TSAN)/mutex.so DAYBOOK_BINARY=$(CURDIR)/$(TSAN)/debug/daybook
	sanitized() { $(SWIFT) test --skip-build --sanitize thread --scratch-path $(TSAN) "$$@"; }
	sanitized --skip 'SimulationTests|CommandTests'
	DAYBOOK_SEEDS=8 sanitized --filter SimulationTests
	sanitized --filter CommandTests --skip 'KillTests|MixtureTests|CutTests'

# Swift's runtime keeps what it made, so no leaks are looked for; how much memory a program takes says
# nothing here.
ASAN := .build-asan

asan: tools testers ## Tests with the address sanitizer, in fewer worlds.
	@$(SWIFT) build --build-tests --sanitize address --scratch-path $(ASAN)
	export ASAN_OPTIONS=detect_leaks=0:suppressions=$(CURDIR)/Tests/Sanitizer/address.txt
	export DAYBOOK_BINARY=$(CURDIR)/$(ASAN)/debug/daybook
	sanitized() { $(SWIFT) test --skip-build --sanitize address --scratch-path $(ASAN) "$$@"; }
	sanitized --skip 'SimulationTests|CommandTests'
	DAYBOOK_SEEDS=8 sanitized --filter SimulationTests
	sanitized --filter CommandTests --skip 'KillTests|MixtureTests|CutTests|BigCalendarTests|rows are read'

# Each part has its own time: a thousand worlds take half an hour and a thousand kills as long.
soak: build mirrors ## Draws a thousand worlds, sends and kills for longer than `test` does.
	@$(SWIFT) build --build-tests
	export DAYBOOK_BINARY=$(CURDIR)/$(DAYBOOK)
	soaked() { timeout --verbose 3h $(SWIFT) test --skip-build --filter "$$1"; }
	EXAMPLES=$(EXAMPLES) Tests/Python/http_api.sh $(DAYBOOK)
	DAYBOOK_SEEDS=$(SEEDS) soaked SimulationTests
	DAYBOOK_SOAK_SECONDS=$(SOAK_SECONDS) soaked SendingSoakTests
	DAYBOOK_SOAK_CHANGES=$(CHANGES) soaked ArrivalSoakTests
	DAYBOOK_KILLS=$(SEEDS) DAYBOOK_MOVES=100 soaked KillTests
	DAYBOOK_MIXTURES=$(SEEDS) soaked MixtureTests
	DAYBOOK_CUTS=$(SEEDS) soaked 'PowerCutTests|MovingCutTests'
	DAYBOOK_FORGET_KILLS=100 soaked ForgetTests
	DAYBOOK_APPEND_SECONDS=60 soaked SecondProcessTests

# The clients come from PyPI, and one of them is built against a C library; what cannot be installed is
# left out.
mirrors: build ## Has clients that others wrote keep copies of what the sandbox holds.
	@missing=()
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
	command -v cc >/dev/null || missing+=(gcc libc6-dev)
	headers=$$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))' 2>/dev/null) || headers=
	[ -e "$$headers/Python.h" ] || missing+=(python3-dev)
	printf '#include <notmuch.h>' | cc -E - >/dev/null 2>&1 || missing+=(libnotmuch-dev)
	if [ $${#missing[@]} -gt 0 ]; then
	  root=()
	  [ "$$(id -u)" -eq 0 ] || root=(sudo)
	  "$${root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 5m apt-get install --yes --quiet=2 \
	    --no-install-recommends "$${missing[@]}" >/dev/null \
	    || echo "$${missing[*]} could not be installed."
	fi
	Tests/Python/mirror.sh calendar_mirror $(DAYBOOK) sandbox --port 0
	Tests/Python/mirror.sh mail_mirror $(DAYBOOK) sandbox --port 0

format: ## Formats the sources in place.
	@$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

clean: ## Removes everything that was built.
	@rm -rf .build .build-core .build-tsan .build-asan
