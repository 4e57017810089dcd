# Each target is one `sanshi` command or one tool; `make help` lists them.
#
# What the caller gives (PERIOD=2024-06 …) is handed on in the environment, as SANSHI_PERIOD …,
# exactly as typed: `$(value …)` does not expand it, and no recipe names it, so no shell and no
# make function ever reads it. The program checks it.

ifeq ($(wildcard tools/bootstrap.py),)
$(error Run make in the project's folder, or name it: make -C FOLDER)
endif

SETTINGS := PERIOD PERIODS REPORT PROJECT OFFICIAL WEEK FORMATS RENDERER FROM FILES YES LANGUAGE AS_OF SCHEDULER YEAR KEEP BASE_URL ROOT
# These two mean other things in the environment; there, only SANSHI_LANGUAGE and SANSHI_ROOT count.
COMMAND_LINE_ONLY := LANGUAGE ROOT

GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(SETTINGS) PYTHON SHELL,$(GIVEN))
ifneq ($(strip $(UNKNOWN)),)
$(error Unknown setting $(strip $(UNKNOWN)); there are: $(SETTINGS) PYTHON)
endif

define hand_on
ifneq ($$(filter $(if $(filter $(1),$(COMMAND_LINE_ONLY)),command,command environment),$$(origin $(1))),)
export SANSHI_$(1) := $$(value $(1))
endif
unexport $(1)
endef
$(foreach name,$(SETTINGS),$(eval $(call hand_on,$(name))))
unexport PYTHONPATH PYTHONHOME

ifneq ($(filter command environment,$(origin PYTHON)),)
export SANSHI_PYTHON := $(value PYTHON)
else
export SANSHI_PYTHON := python3
endif
unexport PYTHON

BIN := .venv/bin
# With the environment's own programs found first: Quarto, if the set-up could get it.
SANSHI := PATH="$$PWD/$(BIN):$$PATH" $(BIN)/sanshi
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help report reports check template new-year receive diff verify site serve sample doctor lab test lint bench quarto clean FORCE

help: ## This list | 本说明
	@awk -F ' *## *| *[|] *' '/^[a-z-]+:.*##/ { split($$1, name, ":"); \
	  printf "  make %-8s %-52s %s\n", name[1], $$2, $$3 } \
	  /^#:/ { print substr($$0, 4) }' Makefile

report: $(READY) ## The reports due for PERIOD | 出报告：HTML、PDF、Word、幻灯片
	@$(SANSHI) build

reports: $(READY) ## The reports due in PERIODS, in parallel | 一次出多期报告
	@$(SANSHI) build

check: $(READY) ## Check the data of PERIOD, listing every fault | 核对数据，列出全部差错
	@$(SANSHI) check

template: $(READY) ## A workbook for FROM to fill in for PERIOD | 生成填报模板
	@$(SANSHI) template

new-year: $(READY) ## Begin YEAR: its parameters and its register | 开始新的一年
	@$(SANSHI) new-year

receive: $(READY) ## Take in FILES for PERIOD, sent by FROM | 接收报送文件并登记
	@$(SANSHI) receive

verify: $(READY) ## Make PERIOD again and compare the bytes | 验证报告可以原样重做
	@$(SANSHI) verify

diff: $(READY) ## What changed in PERIOD since it was published | 公布以后变了什么
	@$(SANSHI) diff

site: $(READY) ## All releases as a site, output/site/ | 生成网站
	@$(SANSHI) publish

serve: $(READY) ## The site, on this machine only | 在本机浏览网站
	@$(SANSHI) publish --serve

sample: $(READY) ## Write the sample ledger of 2024 | 生成示例台账
	@$(SANSHI) sample

doctor: $(READY) ## What is installed, and is the data in order? | 检查安装、字体与数据
	@$(SANSHI) doctor

lab: $(READY) ## JupyterLab on this machine, ready to explore | 打开 JupyterLab 做分析
	@$(BIN)/jupyter-lab --allow-root --ip=127.0.0.1 --ServerApp.root_dir="$$PWD" notebooks/explore.ipynb

test: $(READY) ## All tests, and the notebooks run through | 运行全部测试
	@$(BIN)/pytest -n 2 --dist loadscope
	@SANSHI_PERIOD=2024-06 $(BIN)/pytest -n 2 --dist loadscope --nbval-lax notebooks

lint: $(READY) ## Ruff and strict mypy | 检查代码
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy src/sanshi_report tools

bench: $(READY) ## Benchmarks | 测速
	@for file in benchmarks/*.py; do $(BIN)/python "$$file" || exit 1; done

quarto: $(READY) ## Try again to install Quarto (optional) | 重试安装 Quarto（可选）
	@$(BIN)/python tools/bootstrap.py quarto

clean: ## Remove .venv and caches; data and reports stay | 清除环境与缓存，保留数据和报告
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

#:
#: Settings (make report PERIOD=2024-06 FORMATS=html,pdf):
#:   PERIOD=2024-06  REPORT=monthly_bulletin  FORMATS=html,pdf,docx,pptx,revealjs  LANGUAGE=zh|en
#:   PROJECT=H05|H05,X03|all  WEEK=2024-W23  OFFICIAL=name
#:   PERIODS=2024-01..2024-12  SCHEDULER=tcp://HOST:PORT (a Dask cluster)
#:   RENDERER=auto|quarto|builtin  AS_OF=now|2024-07-05  ROOT=another workspace folder
#:   YEAR=2025 (new-year)  KEEP=12  BASE_URL=https://HOST/ (site)
#:   FILES='a.xlsx b.xlsx'  FROM=unit  YES=1  PYTHON=python3.12

# Made again when the lock or the project's definition is newer, and when the folder was moved or
# its Python is gone (nothing in it would run), or another Python may have been named.
ifneq ($(file <$(READY)),$(CURDIR))
$(READY): FORCE
endif
ifeq ($(realpath $(BIN)/python),)
$(READY): FORCE
endif
ifneq ($(filter command,$(origin PYTHON)),)
$(READY): FORCE
endif
$(READY): pyproject.toml requirements.lock
	@"$$SANSHI_PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'set-up failed: Python 3.11 or newer is needed; name one: make PYTHON=python3.12' >&2; exit 1; }
	@"$$SANSHI_PYTHON" tools/bootstrap.py
