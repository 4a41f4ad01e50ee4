namespace Warden.ConformanceTests;
