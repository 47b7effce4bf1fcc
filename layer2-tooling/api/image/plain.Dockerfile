# What hop's image is measured against: one stage, as `docker init` writes it for Python and Docker's guide
# for FastAPI repeats it. Built by bench; nothing runs on it.
ARG BASE=python:3.13-slim-trixie
FROM ${BASE}
# The official image has its library's byte code removed, a stand-in from Debian packages has it; so do both.
RUN find / -xdev -name '*.pyc' -delete
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /src
RUN useradd --no-create-home --uid 10001 appuser && install -d -o appuser /data
# Debian's Python wants an environment of its own.
RUN python3 -m venv /app
ENV PATH=/app/bin:$PATH HOP_HOST=0.0.0.0 HOP_DATA=/data
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
# The template runs a program from where it was copied; its name and version are all that this adds.
RUN pip install --no-cache-dir --no-deps --editable ./slokit --editable ./hop
USER 10001
EXPOSE 8000
ENTRYPOINT ["hop"]
CMD ["serve"]
