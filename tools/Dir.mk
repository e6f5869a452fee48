.PHONY: deps verify bench lint format

deps: ## install whatever building, running and testing need
	@tools/install.sh build run verify test

verify: ## install what is missing, build, check the claims: results/report.html
	@tools/install.sh build run verify
	@$(MAKE) all
	./iclab verify --quick --out results

bench: ## time the kernels, the estimators and the main job
	@tools/install.sh build run
	@$(MAKE) all
	./iclab bench

lint: $(OUT)/config.h ## layout, warnings of two compilers, the dependency law, shell scripts
	@tools/install.sh build test lint
	@CLANG='$(CLANG)' tools/lint.sh '$(BASE_FLAGS) -Werror -I$(OUT) $(MPI_CFLAGS)' '$(HEADERS)'

format: ## lay out the source with clang-format
	@tools/install.sh lint
	find $(LAYERS) proofs tests '(' -name '*.[ch]' -o -name '*.cu' -o -name '*.cpp' ')' -exec clang-format -i {} +

# Installing. What lies where is said once, in the lists below; `uninstall` reads them too.
PKG_FILE := $(OUT)/iclab.pc
UMBRELLA := $(OUT)/iclab.h
CUDA_INSTALLED = $(LIBDIR)/iclab/libiclab-cuda.so
INSTALLED = $(BINDIR)/iclab $(CUDA_INSTALLED) \
	$(LIBDIR)/libiclab.a $(LIBDIR)/libiclab.so $(LIBDIR)/$(SONAME) $(LIBDIR)/libiclab.so.$(VERSION) \
	$(LIBDIR)/pkgconfig/iclab.pc \
	$(INCLUDEDIR)/iclab/iclab.h $(HEADERS:%=$(INCLUDEDIR)/iclab/%) \
	$(DATADIR)/man/man1/iclab.1 $(PLOTS:%=$(DATADIR)/iclab/%)

.PHONY: install install-files uninstall
install: ## install below PREFIX (and DESTDIR): program, library, headers, man page, figure scripts; the CUDA plug-in if made
	@tools/install.sh build run
	@$(MAKE) install-files

install-files: all $(PKG_FILE) $(UMBRELLA)
	$(INSTALL) -D -m 755 $(OUT)/iclab $(DESTDIR)$(BINDIR)/iclab
	$(INSTALL) -D -m 644 $(OUT)/libiclab.a $(DESTDIR)$(LIBDIR)/libiclab.a
	$(INSTALL) -D -m 755 $(OUT)/$(SONAME) $(DESTDIR)$(LIBDIR)/libiclab.so.$(VERSION)
	ln -sf libiclab.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libiclab.so
	@# The plug-in if `make cuda` has made it; it is made anew first where it is older than the rest.
	@[ ! -e $(OUT)/libiclab-cuda.so ] || { $(MAKE) cuda && \
		$(INSTALL) -D -m 755 $(OUT)/libiclab-cuda.so "$(DESTDIR)$(CUDA_INSTALLED)"; }
	$(INSTALL) -D -m 644 $(PKG_FILE) $(DESTDIR)$(LIBDIR)/pkgconfig/iclab.pc
	$(INSTALL) -D -m 644 $(UMBRELLA) $(DESTDIR)$(INCLUDEDIR)/iclab/iclab.h
	@for file in $(HEADERS); do \
		$(INSTALL) -D -m 644 $$file "$(DESTDIR)$(INCLUDEDIR)/iclab/$$file" || exit 1; done
	@for file in $(PLOTS); do \
		$(INSTALL) -D -m 644 $$file "$(DESTDIR)$(DATADIR)/iclab/$$file" || exit 1; done
	$(INSTALL) -D -m 644 docs/iclab.1 $(DESTDIR)$(DATADIR)/man/man1/iclab.1
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then PATH="$$PATH:/sbin" ldconfig || true; fi

uninstall: ## remove what `install` put there
	rm -f $(INSTALLED:%=$(DESTDIR)%)
	@find $(DESTDIR)$(INCLUDEDIR)/iclab $(DESTDIR)$(DATADIR)/iclab $(DESTDIR)$(LIBDIR)/iclab -depth -type d -empty -delete 2>/dev/null || true

$(UMBRELLA): $(HEADERS)
	@mkdir -p $(@D)
	@printf '/* Everything libiclab offers. Compile with `pkg-config --cflags iclab`. */\n' >$@
	@printf '#include "%s"\n' $(HEADERS) >>$@

$(PKG_FILE): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)' \
		'includedir=$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)' '' \
		'Name: iclab' 'Description: Measures what independent-component layers do to neurons' \
		'Version: $(VERSION)' 'Requires.private: $(MODULES)' 'Libs: -L$${libdir} -liclab' \
		'Libs.private: -ldl -lm -pthread' 'Cflags: -I$${includedir}/iclab -I$${includedir}' >$@
