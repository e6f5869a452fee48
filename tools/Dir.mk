.PHONY: deps verify bench lint format install uninstall

deps: ## install whatever building, running and testing need
	@tools/install.sh build run verify test

verify: ## install what is missing, build, check the claims: results/report.html
	@tools/install.sh build run verify
	@$(MAKE) all
	./iclab verify --quick --out results

bench: ## build and print one line a kernel
	@tools/install.sh build run
	@$(MAKE) all
	./iclab bench

C_FILES = $(shell git ls-files '*.c' '*.h' 2>/dev/null)
SHELL_FILES = $(shell git ls-files '*.sh' .ci/run 2>/dev/null)
LINT_FLAGS = $(filter-out -I$(OUT),$(BASE_FLAGS)) -I$(OUT) -fsyntax-only

lint: $(OUT)/config.h ## layout, warnings of two compilers, the dependency law, shell scripts
	@tools/install.sh build test lint
	@tools/lint.sh '$(BASE_FLAGS) -I$(OUT)' '$(CLANG)'

format: ## lay out the source with clang-format
	@tools/install.sh lint
	clang-format -i $$(git ls-files '*.c' '*.h')
