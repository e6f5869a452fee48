# iclab: build, test, install. `make help` lists the targets.
# Settings live in config.mk (copy config.mk.dist), or on the command line.
-include config.mk

VERSION := 0.1.0

ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX   ?= /usr/local
BUILD    ?= release
PKG_CONFIG ?= pkg-config

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Werror
BASE_FLAGS := -std=c17 -D_GNU_SOURCE -fPIC -fno-math-errno -ffp-contract=off -fvisibility=default $(WARNINGS) -I. -pthread
FLAGS_release := -O3 -g
FLAGS_debug   := -O0 -g3
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
CFLAGS_ALL := $(BASE_FLAGS) $(FLAGS_$(BUILD)) $(CFLAGS)

# A build folder for each set of compiler and flags, so that two never mix.
FLAGS_HASH := $(shell printf '%s' '$(CC) $(CFLAGS_ALL) $(LDFLAGS) $(PREFIX)' | cksum | cut -d' ' -f1)
OUT := build/$(BUILD)-$(FLAGS_HASH)

LAYERS := core kernels estimators trainer experiments cli
LIB_SOURCES :=
TEST_SOURCES :=
include $(addsuffix /Dir.mk,$(LAYERS) plots tests docs tools)

LIB_OBJECTS := $(LIB_SOURCES:%.c=$(OUT)/%.o)
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(OUT)/%.o)
TEST_PROGRAMS := $(TEST_SOURCES:tests/%.c=$(OUT)/tests/%)
LIBS := -lgsl -lgslcblas -ljansson -lz -ldl -lm

.DEFAULT_GOAL := all
all: iclab ## build the program (./iclab) and the library

iclab: $(OUT)/iclab
	@ln -sf $< $@

$(OUT)/libiclab.a: $(LIB_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/iclab: $(CLI_OBJECTS) $(OUT)/libiclab.a
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(OUT)/tests/t_%: tests/t_%.c $(OUT)/libiclab.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -o $@ $< $(OUT)/libiclab.a $(LDFLAGS) -lcmocka $(LIBS)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
