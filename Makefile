# iclab: build, test, install. `make help` lists the targets.
# Settings live in config.mk (copy config.mk.dist), or on the command line.
-include config.mk

VERSION := 0.1.0
SONAME := libiclab.so.$(firstword $(subst ., ,$(VERSION)))

ifeq ($(origin CC),default)
CC := gcc
endif
CLANG      ?= clang
PKG_CONFIG ?= pkg-config
BUILD      ?= release
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
INSTALL    ?= install
export CC PKG_CONFIG

# `make lint` makes the warnings errors.
WARNINGS := -Wall -Wextra -Wshadow -Wconversion
BASE_FLAGS := -std=c17 -D_GNU_SOURCE -fPIC -fno-math-errno -ffp-contract=off -fvisibility=default $(WARNINGS) -I. -pthread
FLAGS_release := -O3 -g
FLAGS_debug   := -O0 -g3
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
FLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
ifeq ($(FLAGS_$(BUILD)),)
$(error BUILD=$(BUILD) is not known: release, debug, asan or fuzz)
endif

# What the libraries want; the fallback lets a first run reach the rule that installs them.
MODULES := gsl jansson zlib libjpeg libmd
LIBS := $(shell $(PKG_CONFIG) --libs $(MODULES) 2>/dev/null || echo -lgsl -lgslcblas -ljansson -lz -ljpeg -lmd) -ldl -lm
CFLAGS_ALL := $(BASE_FLAGS) $(FLAGS_$(BUILD)) $(shell $(PKG_CONFIG) --cflags $(MODULES) 2>/dev/null) $(CFLAGS)

# MPI: `iclab reproduce` under mpirun. auto: where Open MPI is there; yes: it has to be; no: left out. Its library is opened
# by a process that mpirun started and by no other, so that only the header is needed here.
MPI ?= auto
MPI_CFLAGS := $(if $(filter no,$(MPI)),,$(shell $(PKG_CONFIG) --cflags-only-I ompi-c 2>/dev/null | sed 's/-I/-isystem /g'))
ifeq ($(filter auto yes no,$(MPI)),)
$(error MPI=$(MPI) is not known: auto, yes or no)
endif
ifeq ($(MPI)$(MPI_CFLAGS),yes)
$(error MPI=yes, but pkg-config knows no ompi-c: install libopenmpi-dev, or say MPI=no)
endif

# A build folder for each set of compiler and flags, so that two never mix.
FLAGS_HASH := $(shell printf '%s' '$(CC) $(CFLAGS_ALL) $(LDFLAGS)' | cksum | cut -d' ' -f1)
OUT := build/$(BUILD)-$(FLAGS_HASH)

# The source: each folder's Dir.mk adds its own.
LAYERS := core kernels estimators trainer experiments cli
LIB_SOURCES :=
CLI_SOURCES :=
TEST_SOURCES :=
HEADERS :=
EMBEDDED :=
include $(wildcard */Dir.mk)

LIB_OBJECTS := $(LIB_SOURCES:%.c=$(OUT)/%.o) $(EMBEDDED:%=$(OUT)/embed/%.o)
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(OUT)/%.o)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all help clean FORCE
# One short line a file; V=1 shows the commands.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-6s %s\n' '$(1)' '$(2)')
MAKEFLAGS += --no-print-directory

all: iclab $(OUT)/$(SONAME) ## build the program (./iclab) and the library

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

clean: ## remove everything that was built
	rm -rf build iclab

iclab: $(OUT)/iclab FORCE
	@[ "$$(readlink $@)" = $< ] || ln -sfn $< $@

$(OUT)/libiclab.a: $(LIB_OBJECTS)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(OUT)/$(SONAME): $(LIB_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -o $@ $^ $(LIBS)

$(OUT)/iclab: $(CLI_OBJECTS) $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)

$(OUT)/%.o: %.c | $(OUT)/config.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -I$(OUT) -MMD -MP -c -o $@ $<

$(OUT)/experiments/ranks.o: CFLAGS_ALL += $(MPI_CFLAGS)

# A text file inside the program: EMBEDDED += folder/name.ext gives `extern const char icl_name_ext[]`.
$(OUT)/embed/%.c: % tools/embed.sh
	@mkdir -p $(@D)
	$(call say,EMBED,$<)
	$(Q)tools/embed.sh $< >$@

$(OUT)/embed/%.o: $(OUT)/embed/%.c
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

.SECONDARY: $(EMBEDDED:%=$(OUT)/embed/%.c)

# #include "config.h": what the source cannot know. Rewritten only when it changes.
# Also the first rule of every build, so it is where missing packages are named.
$(OUT)/config.h: FORCE
	@tools/install.sh --check build || { echo 'type: make deps' >&2; exit 1; }
	@mkdir -p $(@D)
	@printf '#define ICL_VERSION "%s"\n#define ICL_DATADIR "%s"\n#define ICL_LIBDIR "%s"\n%s' \
		'$(VERSION)' '$(DATADIR)/iclab' '$(LIBDIR)' \
		'$(if $(MPI_CFLAGS),#define ICL_MPI 1)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
