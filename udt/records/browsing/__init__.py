"""Look at records: chosen samples as rows, one sample with all of its facts, contact sheets and pairs of images."""
